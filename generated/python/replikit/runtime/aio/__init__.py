"""The asynchronous client. `sync`, the synchronous one, is generated from this, module by module.

primitives          what is not one text for both, and so stands in either folder
 └ bodies, response, pages, calls, uploads
    └ core          a client as far as single calls go
       └ resources, webhooks, links, jobs, driving
          └ streams, downloads, jobstreams, mapping
             └ client, outputs, jobviews

`mapping` and `notebooks` are not one text either: tasks are no threads, and a notebook awaits nothing.
"""

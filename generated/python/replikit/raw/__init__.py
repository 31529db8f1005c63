"""The functions of the API, giving whole answers instead of what is in them; a module a resource."""

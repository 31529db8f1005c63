---@meta replikit
-- Made by surfacegen from the API's description. Do not edit.

--- JSON's null.
---@class replikit.Null

--- What went wrong; as text, its message.
---@class replikit.Error
---@field type "arguments"|"unknown_function"|"configuration"|"connection"|"api"|"response"|"timeout"|"internal"
---@field message string
---@field retryable boolean
---@field status? integer HTTP's.
---@field parameter? string
---@field retry_after? number Seconds.
---@field request_id? string
---@field body? string
---@field job? table Of a timeout: the job as it was last.

---@class replikit.Request
---@field method string
---@field url string
---@field headers table<string, string>
---@field body? string
---@field timeout? number Seconds.

---@class replikit.Response
---@field status integer
---@field headers table<string, string>
---@field body? string

--- A file to send.
---@class replikit.File
---@field content string Its bytes.
---@field filename? string
---@field content_type? string

--- A hand-picked set of models for one kind of task.
---@class replikit.types.Collection
---@field name string Name of the collection.
---@field slug string Its id in URLs: lower-case words joined by dashes.
---@field description string What its models are for, in a sentence.
---@field models replikit.types.Model[] All models that belong to it.
---@field full_description? string|replikit.Null The long text of the collection's page, as Markdown.

--- A collection as lists show it, without its models.
---@class replikit.types.CollectionItem
---@field name string Name of the collection.
---@field slug string Its id in URLs: lower-case words joined by dashes.
---@field description string What its models are for, in a sentence.

--- One page of collections.
---@class replikit.types.CollectionPage
---@field next? string|replikit.Null URL of the page of collections after this one; null on the last.
---@field previous? string|replikit.Null URL of the page of collections before this one; null on the first.
---@field results? replikit.types.CollectionItem[] The collections of this page.

---@class replikit.types.CreateDeploymentRequest
---@field name string Name of the new deployment.
---@field model string Model to deploy, as `owner/name`.
---@field version string Id of the version to run, 64 hex digits.
---@field hardware string Hardware SKU, from `hardware.list`.
---@field min_instances integer Instances always kept up, 0 to 5.
---@field max_instances integer Most instances under load, 0 to 20.

--- A problem report.
---@class replikit.types.CreateFileError413
---@field detail? string What went wrong, for people.

---@class replikit.types.CreateFileRequest
---@field content string|replikit.File The content of the file.
---@field filename? string File name, at most 255 bytes of UTF-8.
---@field metadata? table<string, any> Any JSON object to keep with the file.
---@field type? string MIME type of the content.

---@class replikit.types.CreateModelRequest
---@field owner string Account to own it; must be the token's.
---@field name string Name of the new model.
---@field visibility "public"|"private" Who can see and run it.
---@field hardware string Hardware SKU, from `hardware.list`.
---@field cover_image_url? string URL of its cover picture.
---@field description? string What the model does, in a sentence.
---@field github_url? string URL of its source code on GitHub.
---@field license_url? string URL of its license.
---@field paper_url? string URL of its paper.

--- A problem report.
---@class replikit.types.DeleteFileError404
---@field detail? string What went wrong, for people.

--- A model version that runs for one account, on hardware and within a scale of its choice.
---@class replikit.types.Deployment
---@field current_release? replikit.types.DeploymentCurrentRelease What runs now.
---@field name? string Name of the deployment, unique for its owner.
---@field owner? string User or organization that the deployment belongs to.

--- What runs now.
---@class replikit.types.DeploymentCurrentRelease
---@field configuration? replikit.types.DeploymentCurrentReleaseConfiguration Hardware and scale.
---@field created_at? string When the release was made.
---@field created_by? replikit.types.DeploymentCurrentReleaseCreatedBy The account that made the release.
---@field model? string The model, as `owner/name`.
---@field number? integer Counts the releases, from 1.
---@field version? string Id of the model version that runs.

--- Hardware and scale.
---@class replikit.types.DeploymentCurrentReleaseConfiguration
---@field hardware? string SKU of the hardware, one of [hardware.list](#hardware.list).
---@field max_instances? integer Instances that it grows to under load.
---@field min_instances? integer Instances kept up even when nothing is asked of them.

--- The account that made the release.
---@class replikit.types.DeploymentCurrentReleaseCreatedBy
---@field type "organization"|"user" Whether the account is a person or an organization.
---@field username string Its name in URLs.
---@field avatar_url? string Its picture.
---@field github_url? string Its page on GitHub.
---@field name? string Its name for people.

--- A page of Replicate's documentation.
---@class replikit.types.DocsPage
---@field name string Heading of the page.
---@field href string Its path on the site, from the root.

--- A problem report.
---@class replikit.types.DownloadFileError404
---@field detail? string What went wrong, for people.

--- An uploaded file.
---@class replikit.types.File
---@field id string Random id of the file.
---@field urls replikit.types.FileUrls Where the file is.
---@field content_type string MIME type of the content.
---@field size integer Length of the content, in bytes.
---@field checksums replikit.types.FileChecksums Hashes of the content.
---@field metadata table<string, any> The JSON object given at upload; empty if none was.
---@field created_at string When it was uploaded.
---@field expires_at string When Replicate removes it.

--- Hashes of the content.
---@class replikit.types.FileChecksums
---@field sha256? string SHA-256, in hexadecimal.

--- Where the file is.
---@class replikit.types.FileUrls
---@field get? string The file itself as a resource of the API.

--- A user or an organization.
---@class replikit.types.GetAccountResult
---@field type "organization"|"user" Whether it is a person or an organization.
---@field username string Its name in URLs.
---@field avatar_url? string Its picture.
---@field github_url? string Its page on GitHub.
---@field name? string Its name for people.

--- The signing secret.
---@class replikit.types.GetDefaultWebhookSecretResult
---@field key? string `whsec_` and the key in base64.

--- A problem report.
---@class replikit.types.GetFileError404
---@field detail? string What went wrong, for people.

--- One page of deployments.
---@class replikit.types.ListDeploymentsResult
---@field next? string|replikit.Null URL of the page of deployments after this one; null on the last.
---@field previous? string|replikit.Null URL of the page of deployments before this one; null on the first.
---@field results? replikit.types.Deployment[] The deployments of this page.

--- One page of files.
---@class replikit.types.ListFilesResult
---@field next? string|replikit.Null URL of the page of files after this one; null on the last.
---@field previous? string|replikit.Null URL of the page of files before this one; null on the first.
---@field results? replikit.types.File[] The files of this page.

--- One kind of machine.
---@class replikit.types.ListHardwareResultItem
---@field name? string Its name for people.
---@field sku? string Its name in the API.

--- One page of predictions.
---@class replikit.types.ListPredictionsResult
---@field next? string|replikit.Null URL of the page of predictions after this one; null on the last.
---@field previous? string|replikit.Null URL of the page of predictions before this one; null on the first.
---@field results? replikit.types.Prediction[] The predictions of this page.

--- One page of trainings.
---@class replikit.types.ListTrainingsResult
---@field next? string|replikit.Null URL of the page of trainings after this one; null on the last.
---@field previous? string|replikit.Null URL of the page of trainings before this one; null on the first.
---@field results? replikit.types.Training[] The trainings of this page.

--- A model: its page, its numbers and its newest version.
---@class replikit.types.Model
---@field cover_image_url? string|replikit.Null Picture shown for the model.
---@field default_example? table<string, any>|replikit.Null A prediction that shows what the model does, shaped like the result of [predictions.get](#predictions.get).
---@field description? string|replikit.Null What the model does, in its author's words.
---@field github_url? string|replikit.Null Source code on GitHub.
---@field is_official? boolean True for a model that Replicate itself keeps running.
---@field latest_version? table<string, any>|replikit.Null The version pushed last, with its input and output schemas, shaped like the result of [models.versions.get](#models.versions.get).
---@field license_url? string|replikit.Null License of the model.
---@field name? string Name of the model, unique for its owner.
---@field owner? string Name of the user or organization the model belongs to.
---@field paper_url? string|replikit.Null Paper that the model implements.
---@field run_count? integer How often the model was run so far.
---@field url? string Web page of the model.
---@field visibility? "public"|"private" `public`: anyone can see and run it.

--- One page of models.
---@class replikit.types.ModelPage
---@field next? string|replikit.Null URL of the page of models after this one; null on the last.
---@field previous? string|replikit.Null URL of the page of models before this one; null on the first.
---@field results? replikit.types.Model[] The models of this page.

--- One run of a model: what went in, how far it is, and what came out.
---@class replikit.types.Prediction
---@field id string Id of the prediction.
---@field model string Model that ran, as `owner/name`.
---@field version string|"hidden" Version that ran.
---@field input table<string, any> The inputs as they were given.
---@field output any What the model gave: any JSON value, with files as HTTPS URLs.
---@field data_removed boolean True once input, output and logs are gone, which for API predictions is an hour after the end.
---@field error string|replikit.Null Why it failed; null unless `status` is `failed`.
---@field status "starting"|"processing"|"succeeded"|"failed"|"canceled"|"aborted" `starting` and `processing` go on; `succeeded`, `failed`, `canceled` and `aborted` are final.
---@field created_at string When it was asked for.
---@field urls replikit.types.PredictionUrls Where to follow the prediction.
---@field completed_at? string When the work was done and its files were stored.
---@field deadline? string When it will be stopped if it is not done by then.
---@field deployment? string Deployment that ran it, if one did.
---@field logs? string What the model printed while it ran.
---@field metrics? replikit.types.PredictionMetrics Measurements of the run; models may add their own.
---@field source? "web"|"api" Whether the API or the web site started it.
---@field started_at? string When the model began to work on it.

--- Measurements of the run; models may add their own.
---@class replikit.types.PredictionMetrics
---@field total_time? number Seconds from the request to the end.

--- One page of predictions.
---@class replikit.types.PredictionPage
---@field next? string|replikit.Null URL of the page of predictions after this one; null on the last.
---@field previous? string|replikit.Null URL of the page of predictions before this one; null on the first.
---@field results? replikit.types.Prediction[] The predictions of this page.

--- What to run on a model or deployment that is named in the path.
---@class replikit.types.PredictionRequest
---@field input table<string, any> Inputs by name, as the model's `openapi_schema` has them.
---@field stream? boolean Deprecated; leave it out.
---@field webhook? string HTTPS URL to call with progress.
---@field webhook_events_filter? ("start"|"output"|"logs"|"completed")[] Events that call the webhook.

--- Where to follow the prediction.
---@class replikit.types.PredictionUrls
---@field web string Its page for people.
---@field get string Its current state, by the API.
---@field cancel string POST here to stop it.
---@field stream? string Server-sent events with the output as it is made; only for models that stream.

--- A collection that matches a search.
---@class replikit.types.SearchCollection
---@field name string Name of the collection.
---@field slug string Its id in URLs: lower-case words joined by dashes.
---@field description string What its models are for, in a sentence.
---@field models? string[]|replikit.Null Its models, as `owner/name`.

--- A problem report.
---@class replikit.types.SearchError400
---@field detail? string What went wrong, for people.

--- A problem report.
---@class replikit.types.SearchError500
---@field detail? string What went wrong, for people.

--- What the search knows about a model beyond the model itself.
---@class replikit.types.SearchMetadata
---@field generated_description? string|replikit.Null A long text about the model, written by a language model.
---@field score? number|replikit.Null How well it matches; higher is better.
---@field tags? string[] Words for what the model does.

--- One page of models.
---@class replikit.types.SearchModelsResult
---@field next string|replikit.Null URL of the page of models after this one; null on the last.
---@field previous string|replikit.Null URL of the page of models before this one; null on the first.
---@field results replikit.types.SearchModelsResultResultsItem[] The models of this page.

--- A model that matches.
---@class replikit.types.SearchModelsResultResultsItem
---@field cover_image_url? string|replikit.Null Picture shown for the model.
---@field default_example? table<string, any>|replikit.Null A prediction that shows what the model does, shaped like the result of [predictions.get](#predictions.get).
---@field description? string What the model does, in its author's words.
---@field github_url? string|replikit.Null Source code on GitHub.
---@field latest_version? table<string, any>|replikit.Null The version pushed last, with its input and output schemas, shaped like the result of [models.versions.get](#models.versions.get).
---@field license_url? string|replikit.Null License of the model.
---@field name? string Name of the model, unique for its owner.
---@field owner? string Name of the user or organization the model belongs to.
---@field paper_url? string|replikit.Null Paper that the model implements.
---@field run_count? integer How often the model was run so far.
---@field url? string Web page of the model.
---@field visibility? "public"|"private" `public`: anyone can see and run it.

--- All that matches a search, by kind.
---@class replikit.types.SearchResult
---@field query string The text that was searched for.
---@field models replikit.types.SearchResultModelsItem[] Matching models, each with what the search knows about it.
---@field collections replikit.types.SearchCollection[] Matching collections.
---@field pages replikit.types.DocsPage[] Matching pages of the documentation.

--- A model and what the search knows about it.
---@class replikit.types.SearchResultModelsItem
---@field model replikit.types.Model A model: its page, its numbers and its newest version.
---@field metadata replikit.types.SearchMetadata What the search knows about a model beyond the model itself.

--- One training: what it learns from, how far it is, and the version that it made.
---@class replikit.types.Training
---@field completed_at? string When the work ended.
---@field created_at? string When it was asked for.
---@field error? string|replikit.Null Why it failed; null otherwise.
---@field id? string Id of the training.
---@field input? table<string, any> The inputs as they were given.
---@field logs? string What the trainer printed.
---@field metrics? replikit.types.TrainingMetrics Measurements of the training.
---@field model? string Model that is trained, as `owner/name`.
---@field output? replikit.types.TrainingOutput What the training made.
---@field source? "web"|"api" Whether the API or the web site started it.
---@field started_at? string When the work began.
---@field status? "starting"|"processing"|"succeeded"|"failed"|"canceled"|"aborted" `starting` and `processing` go on; `succeeded`, `failed`, `canceled` and `aborted` are final.
---@field urls? replikit.types.TrainingUrls Where to follow the training.
---@field version? string Id of the version that is trained.

--- Measurements of the training.
---@class replikit.types.TrainingMetrics
---@field predict_time? number Seconds of computing, without the wait for a machine.
---@field total_time? number Seconds from the request to the end.

--- What the training made.
---@class replikit.types.TrainingOutput
---@field version? string The new version of the destination, as `owner/name:version_id`.
---@field weights? string URL of the trained weights.

--- What to train on, and where the result goes.
---@class replikit.types.TrainingRequest
---@field destination string Your model that takes the new version, as `owner/name`.
---@field input table<string, any> The trainer's own inputs, by name.
---@field webhook? string HTTPS URL to call with progress.
---@field webhook_events_filter? ("start"|"output"|"logs"|"completed")[] Events that call the webhook.

--- Where to follow the training.
---@class replikit.types.TrainingUrls
---@field cancel? string POST here to stop it.
---@field get? string Its current state.

---@class replikit.types.UpdateDeploymentRequest
---@field hardware? string Hardware SKU, from `hardware.list`.
---@field max_instances? integer Most instances under load, 0 to 20.
---@field min_instances? integer Instances always kept up, 0 to 5.
---@field version? string Id of the version to run, 64 hex digits.

---@class replikit.types.UpdateModelRequest
---@field description? string What the model does, in a sentence.
---@field github_url? string URL of its source code on GitHub.
---@field license_url? string URL of its license.
---@field paper_url? string URL of its paper.
---@field readme? string The whole README, as Markdown.
---@field weights_url? string URL of its weights.

--- One version of a model, fixed once pushed.
---@class replikit.types.Version
---@field cog_version? string|replikit.Null Release of Cog that packed it.
---@field created_at? string When it was pushed.
---@field id? string Id of the version, 64 hex digits.
---@field openapi_schema? table<string, any>|replikit.Null An OpenAPI document of this version alone.

--- One page of versions.
---@class replikit.types.VersionPage
---@field next? string|replikit.Null URL of the page of versions after this one; null on the last.
---@field previous? string|replikit.Null URL of the page of versions before this one; null on the first.
---@field results? replikit.types.Version[] The versions of this page.

--- What to run, and which model or version to run it on.
---@class replikit.types.VersionPredictionRequest
---@field version string `owner/name:version_id`, or `owner/name` if official.
---@field input table<string, any> Inputs by name, as the model's `openapi_schema` has them.
---@field stream? boolean Deprecated; leave it out.
---@field webhook? string HTTPS URL to call with progress.
---@field webhook_events_filter? ("start"|"output"|"logs"|"completed")[] Events that call the webhook.

---@class replikit.replicate_cancel_prediction.Arguments
---@field prediction_id string Id of the prediction.

---@class replikit.replicate_cancel_training.Arguments
---@field training_id string Id of the training.

---@class replikit.replicate_create_deployment.Arguments
---@field name string Name of the new deployment.
---@field model string Model to deploy, as `owner/name`.
---@field version string Id of the version to run, 64 hex digits.
---@field hardware string Hardware SKU, from `hardware.list`.
---@field min_instances integer Instances always kept up, 0 to 5.
---@field max_instances integer Most instances under load, 0 to 20.

---@class replikit.replicate_create_deployment_prediction.Arguments
---@field deployment_owner string User or organization owning it.
---@field deployment_name string Name of the deployment.
---@field input table<string, any> Inputs by name, as the model's `openapi_schema` has them.
---@field stream? boolean Deprecated; leave it out.
---@field webhook? string HTTPS URL to call with progress.
---@field webhook_events_filter? ("start"|"output"|"logs"|"completed")[] Events that call the webhook.
---@field wait? integer Seconds to wait for the result, 1 to 60.
---@field cancel_after? string Cancel the run after this long, like `5m`.

---@class replikit.replicate_create_file.Arguments
---@field content string|replikit.File The content of the file.
---@field filename? string File name, at most 255 bytes of UTF-8.
---@field metadata? table<string, any> Any JSON object to keep with the file.
---@field type? string MIME type of the content.

---@class replikit.replicate_create_model.Arguments
---@field owner string Account to own it; must be the token's.
---@field name string Name of the new model.
---@field visibility "public"|"private" Who can see and run it.
---@field hardware string Hardware SKU, from `hardware.list`.
---@field cover_image_url? string URL of its cover picture.
---@field description? string What the model does, in a sentence.
---@field github_url? string URL of its source code on GitHub.
---@field license_url? string URL of its license.
---@field paper_url? string URL of its paper.

---@class replikit.replicate_create_model_prediction.Arguments
---@field model_owner string User or organization owning the model.
---@field model_name string Name of the model.
---@field input table<string, any> Inputs by name, as the model's `openapi_schema` has them.
---@field stream? boolean Deprecated; leave it out.
---@field webhook? string HTTPS URL to call with progress.
---@field webhook_events_filter? ("start"|"output"|"logs"|"completed")[] Events that call the webhook.
---@field wait? integer Seconds to wait for the result, 1 to 60.
---@field cancel_after? string Cancel the run after this long, like `5m`.

---@class replikit.replicate_create_prediction.Arguments
---@field version string `owner/name:version_id`, or `owner/name` if official.
---@field input table<string, any> Inputs by name, as the model's `openapi_schema` has them.
---@field stream? boolean Deprecated; leave it out.
---@field webhook? string HTTPS URL to call with progress.
---@field webhook_events_filter? ("start"|"output"|"logs"|"completed")[] Events that call the webhook.
---@field wait? integer Seconds to wait for the result, 1 to 60.
---@field cancel_after? string Cancel the run after this long, like `5m`.

---@class replikit.replicate_create_training.Arguments
---@field model_owner string User or organization owning the model.
---@field model_name string Name of the model.
---@field version_id string Version id, 64 hex digits.
---@field destination string Your model that takes the new version, as `owner/name`.
---@field input table<string, any> The trainer's own inputs, by name.
---@field webhook? string HTTPS URL to call with progress.
---@field webhook_events_filter? ("start"|"output"|"logs"|"completed")[] Events that call the webhook.

---@class replikit.replicate_delete_deployment.Arguments
---@field deployment_owner string User or organization owning it.
---@field deployment_name string Name of the deployment.

---@class replikit.replicate_delete_file.Arguments
---@field file_id string Id of the file.

---@class replikit.replicate_delete_model.Arguments
---@field model_owner string User or organization owning the model.
---@field model_name string Name of the model.

---@class replikit.replicate_delete_model_version.Arguments
---@field model_owner string User or organization owning the model.
---@field model_name string Name of the model.
---@field version_id string Version id, 64 hex digits.

---@class replikit.replicate_download_file.Arguments
---@field file_id string Id of the file.
---@field owner string Account that uploaded the file.
---@field expiry integer When the link expires, in Unix seconds.
---@field signature string HMAC-SHA256 of the link, in base64.

---@class replikit.replicate_get_account.Arguments

---@class replikit.replicate_get_collection.Arguments
---@field collection_slug string Slug of the collection.

---@class replikit.replicate_get_default_webhook_secret.Arguments

---@class replikit.replicate_get_deployment.Arguments
---@field deployment_owner string User or organization owning it.
---@field deployment_name string Name of the deployment.

---@class replikit.replicate_get_file.Arguments
---@field file_id string Id of the file.

---@class replikit.replicate_get_model.Arguments
---@field model_owner string User or organization owning the model.
---@field model_name string Name of the model.

---@class replikit.replicate_get_model_readme.Arguments
---@field model_owner string User or organization owning the model.
---@field model_name string Name of the model.

---@class replikit.replicate_get_model_version.Arguments
---@field model_owner string User or organization owning the model.
---@field model_name string Name of the model.
---@field version_id string Version id, 64 hex digits.

---@class replikit.replicate_get_prediction.Arguments
---@field prediction_id string Id of the prediction.

---@class replikit.replicate_get_training.Arguments
---@field training_id string Id of the training.

---@class replikit.replicate_list_collections.Arguments

---@class replikit.replicate_list_deployments.Arguments

---@class replikit.replicate_list_files.Arguments

---@class replikit.replicate_list_hardware.Arguments

---@class replikit.replicate_list_model_examples.Arguments
---@field model_owner string User or organization owning the model.
---@field model_name string Name of the model.

---@class replikit.replicate_list_model_versions.Arguments
---@field model_owner string User or organization owning the model.
---@field model_name string Name of the model.

---@class replikit.replicate_list_models.Arguments
---@field sort_by? "model_created_at"|"latest_version_created_at" Date to sort by.
---@field sort_direction? "asc"|"desc" Newest first (`desc`) or oldest first.

---@class replikit.replicate_list_predictions.Arguments
---@field created_after? string Only those made at or after this time.
---@field created_before? string Only those made before this time.
---@field source? "web" `web`: only those made on the web site.

---@class replikit.replicate_list_trainings.Arguments

---@class replikit.replicate_search.Arguments
---@field query string Text to search for.
---@field limit? integer Most models to return, 1 to 50.

---@class replikit.replicate_search_models.Arguments
---@field body string Text to search for.

---@class replikit.replicate_update_deployment.Arguments
---@field deployment_owner string User or organization owning it.
---@field deployment_name string Name of the deployment.
---@field hardware? string Hardware SKU, from `hardware.list`.
---@field max_instances? integer Most instances under load, 0 to 20.
---@field min_instances? integer Instances always kept up, 0 to 5.
---@field version? string Id of the version to run, 64 hex digits.

---@class replikit.replicate_update_model.Arguments
---@field model_owner string User or organization owning the model.
---@field model_name string Name of the model.
---@field description? string What the model does, in a sentence.
---@field github_url? string URL of its source code on GitHub.
---@field license_url? string URL of its license.
---@field paper_url? string URL of its paper.
---@field readme? string The whole README, as Markdown.
---@field weights_url? string URL of its weights.

---@class replikit.groups.account
---@field get fun(self: replikit.groups.account, arguments?: replikit.replicate_get_account.Arguments): replikit.types.GetAccountResult?, replikit.Error?, replikit.Response? Show whose token this is.

---@class replikit.groups.collections
---@field get fun(self: replikit.groups.collections, arguments: replikit.replicate_get_collection.Arguments): replikit.types.Collection?, replikit.Error?, replikit.Response? Show a collection and its models.
---@field list fun(self: replikit.groups.collections, arguments?: replikit.replicate_list_collections.Arguments): replikit.types.CollectionPage?, replikit.Error?, replikit.Response? List collections of models.

---@class replikit.groups.deployments
---@field predictions replikit.groups.deployments_predictions
---@field create fun(self: replikit.groups.deployments, arguments: replikit.replicate_create_deployment.Arguments): replikit.types.Deployment?, replikit.Error?, replikit.Response? Put a model version on hardware of its own.
---@field delete fun(self: replikit.groups.deployments, arguments: replikit.replicate_delete_deployment.Arguments): true?, replikit.Error?, replikit.Response? Delete a deployment for good.
---@field get fun(self: replikit.groups.deployments, arguments: replikit.replicate_get_deployment.Arguments): replikit.types.Deployment?, replikit.Error?, replikit.Response? Show a deployment's version and scale.
---@field list fun(self: replikit.groups.deployments, arguments?: replikit.replicate_list_deployments.Arguments): replikit.types.ListDeploymentsResult?, replikit.Error?, replikit.Response? List your deployments.
---@field update fun(self: replikit.groups.deployments, arguments: replikit.replicate_update_deployment.Arguments): replikit.types.Deployment?, replikit.Error?, replikit.Response? Change a deployment's version, hardware or scale.

---@class replikit.groups.deployments_predictions
---@field create fun(self: replikit.groups.deployments_predictions, arguments: replikit.replicate_create_deployment_prediction.Arguments): replikit.types.Prediction?, replikit.Error?, replikit.Response? Run a deployment on an input.

---@class replikit.groups.files
---@field create fun(self: replikit.groups.files, arguments: replikit.replicate_create_file.Arguments): replikit.types.File?, replikit.Error?, replikit.Response? Upload a file to use as an input.
---@field delete fun(self: replikit.groups.files, arguments: replikit.replicate_delete_file.Arguments): true?, replikit.Error?, replikit.Response? Delete an uploaded file for good.
---@field download fun(self: replikit.groups.files, arguments: replikit.replicate_download_file.Arguments): string?, replikit.Error?, replikit.Response? Get the content of an uploaded file.
---@field get fun(self: replikit.groups.files, arguments: replikit.replicate_get_file.Arguments): replikit.types.File?, replikit.Error?, replikit.Response? Show a file's type, size and URL.
---@field list fun(self: replikit.groups.files, arguments?: replikit.replicate_list_files.Arguments): replikit.types.ListFilesResult?, replikit.Error?, replikit.Response? List your files.

---@class replikit.groups.hardware
---@field list fun(self: replikit.groups.hardware, arguments?: replikit.replicate_list_hardware.Arguments): replikit.types.ListHardwareResultItem[]?, replikit.Error?, replikit.Response? List hardware SKUs.

---@class replikit.groups.models
---@field examples replikit.groups.models_examples
---@field predictions replikit.groups.models_predictions
---@field readme replikit.groups.models_readme
---@field versions replikit.groups.models_versions
---@field create fun(self: replikit.groups.models, arguments: replikit.replicate_create_model.Arguments): replikit.types.Model?, replikit.Error?, replikit.Response? Create an empty model to push versions to.
---@field delete fun(self: replikit.groups.models, arguments: replikit.replicate_delete_model.Arguments): true?, replikit.Error?, replikit.Response? Delete a private model that has no versions.
---@field get fun(self: replikit.groups.models, arguments: replikit.replicate_get_model.Arguments): replikit.types.Model?, replikit.Error?, replikit.Response? Show a model and its input schema.
---@field list fun(self: replikit.groups.models, arguments?: replikit.replicate_list_models.Arguments): replikit.types.ModelPage?, replikit.Error?, replikit.Response? List public models; to find one, search.
---@field search fun(self: replikit.groups.models, arguments: replikit.replicate_search_models.Arguments): replikit.types.SearchModelsResult?, replikit.Error?, replikit.Response? Search public models.
---@field update fun(self: replikit.groups.models, arguments: replikit.replicate_update_model.Arguments): replikit.types.Model?, replikit.Error?, replikit.Response? Change a model's description, README or links.

---@class replikit.groups.models_examples
---@field list fun(self: replikit.groups.models_examples, arguments: replikit.replicate_list_model_examples.Arguments): replikit.types.PredictionPage?, replikit.Error?, replikit.Response? List a model's example predictions.

---@class replikit.groups.models_predictions
---@field create fun(self: replikit.groups.models_predictions, arguments: replikit.replicate_create_model_prediction.Arguments): replikit.types.Prediction?, replikit.Error?, replikit.Response? Run an official model, without a version.

---@class replikit.groups.models_readme
---@field get fun(self: replikit.groups.models_readme, arguments: replikit.replicate_get_model_readme.Arguments): string?, replikit.Error?, replikit.Response? Read a model's README.

---@class replikit.groups.models_versions
---@field delete fun(self: replikit.groups.models_versions, arguments: replikit.replicate_delete_model_version.Arguments): true?, replikit.Error?, replikit.Response? Delete a version with all its predictions and their files.
---@field get fun(self: replikit.groups.models_versions, arguments: replikit.replicate_get_model_version.Arguments): replikit.types.Version?, replikit.Error?, replikit.Response? Show a version's input and output schemas.
---@field list fun(self: replikit.groups.models_versions, arguments: replikit.replicate_list_model_versions.Arguments): replikit.types.VersionPage?, replikit.Error?, replikit.Response? List a model's versions.

---@class replikit.groups.predictions
---@field cancel fun(self: replikit.groups.predictions, arguments: replikit.replicate_cancel_prediction.Arguments): replikit.types.Prediction?, replikit.Error?, replikit.Response? Stop a prediction for good.
---@field create fun(self: replikit.groups.predictions, arguments: replikit.replicate_create_prediction.Arguments): replikit.types.Prediction?, replikit.Error?, replikit.Response? Run a model version on an input; give `wait` for the output.
---@field get fun(self: replikit.groups.predictions, arguments: replikit.replicate_get_prediction.Arguments): replikit.types.Prediction?, replikit.Error?, replikit.Response? Show a prediction's status, output and logs.
---@field list fun(self: replikit.groups.predictions, arguments?: replikit.replicate_list_predictions.Arguments): replikit.types.ListPredictionsResult?, replikit.Error?, replikit.Response? List your predictions, newest first.

---@class replikit.groups.trainings
---@field cancel fun(self: replikit.groups.trainings, arguments: replikit.replicate_cancel_training.Arguments): replikit.types.Training?, replikit.Error?, replikit.Response? Stop a training for good; it makes no version.
---@field create fun(self: replikit.groups.trainings, arguments: replikit.replicate_create_training.Arguments): replikit.types.Training?, replikit.Error?, replikit.Response? Train a model version; the result becomes a new version.
---@field get fun(self: replikit.groups.trainings, arguments: replikit.replicate_get_training.Arguments): replikit.types.Training?, replikit.Error?, replikit.Response? Show a training's status and new version.
---@field list fun(self: replikit.groups.trainings, arguments?: replikit.replicate_list_trainings.Arguments): replikit.types.ListTrainingsResult?, replikit.Error?, replikit.Response? List your trainings.

---@class replikit.groups.webhooks
---@field default replikit.groups.webhooks_default

---@class replikit.groups.webhooks_default
---@field secret replikit.groups.webhooks_default_secret

---@class replikit.groups.webhooks_default_secret
---@field get fun(self: replikit.groups.webhooks_default_secret, arguments?: replikit.replicate_get_default_webhook_secret.Arguments): replikit.types.GetDefaultWebhookSecretResult?, replikit.Error?, replikit.Response? Get the secret that signs webhooks.

---@class replikit.Client
---@field null any What stands for JSON's null in results.
---@field account replikit.groups.account
---@field collections replikit.groups.collections
---@field deployments replikit.groups.deployments
---@field files replikit.groups.files
---@field hardware replikit.groups.hardware
---@field models replikit.groups.models
---@field predictions replikit.groups.predictions
---@field trainings replikit.groups.trainings
---@field webhooks replikit.groups.webhooks
---@field cancel_prediction fun(arguments: replikit.replicate_cancel_prediction.Arguments): replikit.types.Prediction?, replikit.Error?, replikit.Response? Stop a prediction for good.
---@field cancel_training fun(arguments: replikit.replicate_cancel_training.Arguments): replikit.types.Training?, replikit.Error?, replikit.Response? Stop a training for good; it makes no version.
---@field create_deployment fun(arguments: replikit.replicate_create_deployment.Arguments): replikit.types.Deployment?, replikit.Error?, replikit.Response? Put a model version on hardware of its own.
---@field create_deployment_prediction fun(arguments: replikit.replicate_create_deployment_prediction.Arguments): replikit.types.Prediction?, replikit.Error?, replikit.Response? Run a deployment on an input.
---@field create_file fun(arguments: replikit.replicate_create_file.Arguments): replikit.types.File?, replikit.Error?, replikit.Response? Upload a file to use as an input.
---@field create_model fun(arguments: replikit.replicate_create_model.Arguments): replikit.types.Model?, replikit.Error?, replikit.Response? Create an empty model to push versions to.
---@field create_model_prediction fun(arguments: replikit.replicate_create_model_prediction.Arguments): replikit.types.Prediction?, replikit.Error?, replikit.Response? Run an official model, without a version.
---@field create_prediction fun(arguments: replikit.replicate_create_prediction.Arguments): replikit.types.Prediction?, replikit.Error?, replikit.Response? Run a model version on an input; give `wait` for the output.
---@field create_training fun(arguments: replikit.replicate_create_training.Arguments): replikit.types.Training?, replikit.Error?, replikit.Response? Train a model version; the result becomes a new version.
---@field delete_deployment fun(arguments: replikit.replicate_delete_deployment.Arguments): true?, replikit.Error?, replikit.Response? Delete a deployment for good.
---@field delete_file fun(arguments: replikit.replicate_delete_file.Arguments): true?, replikit.Error?, replikit.Response? Delete an uploaded file for good.
---@field delete_model fun(arguments: replikit.replicate_delete_model.Arguments): true?, replikit.Error?, replikit.Response? Delete a private model that has no versions.
---@field delete_model_version fun(arguments: replikit.replicate_delete_model_version.Arguments): true?, replikit.Error?, replikit.Response? Delete a version with all its predictions and their files.
---@field download_file fun(arguments: replikit.replicate_download_file.Arguments): string?, replikit.Error?, replikit.Response? Get the content of an uploaded file.
---@field get_account fun(arguments?: replikit.replicate_get_account.Arguments): replikit.types.GetAccountResult?, replikit.Error?, replikit.Response? Show whose token this is.
---@field get_collection fun(arguments: replikit.replicate_get_collection.Arguments): replikit.types.Collection?, replikit.Error?, replikit.Response? Show a collection and its models.
---@field get_default_webhook_secret fun(arguments?: replikit.replicate_get_default_webhook_secret.Arguments): replikit.types.GetDefaultWebhookSecretResult?, replikit.Error?, replikit.Response? Get the secret that signs webhooks.
---@field get_deployment fun(arguments: replikit.replicate_get_deployment.Arguments): replikit.types.Deployment?, replikit.Error?, replikit.Response? Show a deployment's version and scale.
---@field get_file fun(arguments: replikit.replicate_get_file.Arguments): replikit.types.File?, replikit.Error?, replikit.Response? Show a file's type, size and URL.
---@field get_model fun(arguments: replikit.replicate_get_model.Arguments): replikit.types.Model?, replikit.Error?, replikit.Response? Show a model and its input schema.
---@field get_model_readme fun(arguments: replikit.replicate_get_model_readme.Arguments): string?, replikit.Error?, replikit.Response? Read a model's README.
---@field get_model_version fun(arguments: replikit.replicate_get_model_version.Arguments): replikit.types.Version?, replikit.Error?, replikit.Response? Show a version's input and output schemas.
---@field get_prediction fun(arguments: replikit.replicate_get_prediction.Arguments): replikit.types.Prediction?, replikit.Error?, replikit.Response? Show a prediction's status, output and logs.
---@field get_training fun(arguments: replikit.replicate_get_training.Arguments): replikit.types.Training?, replikit.Error?, replikit.Response? Show a training's status and new version.
---@field list_collections fun(arguments?: replikit.replicate_list_collections.Arguments): replikit.types.CollectionPage?, replikit.Error?, replikit.Response? List collections of models.
---@field list_deployments fun(arguments?: replikit.replicate_list_deployments.Arguments): replikit.types.ListDeploymentsResult?, replikit.Error?, replikit.Response? List your deployments.
---@field list_files fun(arguments?: replikit.replicate_list_files.Arguments): replikit.types.ListFilesResult?, replikit.Error?, replikit.Response? List your files.
---@field list_hardware fun(arguments?: replikit.replicate_list_hardware.Arguments): replikit.types.ListHardwareResultItem[]?, replikit.Error?, replikit.Response? List hardware SKUs.
---@field list_model_examples fun(arguments: replikit.replicate_list_model_examples.Arguments): replikit.types.PredictionPage?, replikit.Error?, replikit.Response? List a model's example predictions.
---@field list_model_versions fun(arguments: replikit.replicate_list_model_versions.Arguments): replikit.types.VersionPage?, replikit.Error?, replikit.Response? List a model's versions.
---@field list_models fun(arguments?: replikit.replicate_list_models.Arguments): replikit.types.ModelPage?, replikit.Error?, replikit.Response? List public models; to find one, search.
---@field list_predictions fun(arguments?: replikit.replicate_list_predictions.Arguments): replikit.types.ListPredictionsResult?, replikit.Error?, replikit.Response? List your predictions, newest first.
---@field list_trainings fun(arguments?: replikit.replicate_list_trainings.Arguments): replikit.types.ListTrainingsResult?, replikit.Error?, replikit.Response? List your trainings.
---@field search fun(arguments: replikit.replicate_search.Arguments): replikit.types.SearchResult?, replikit.Error?, replikit.Response? Search models, collections and docs.
---@field search_models fun(arguments: replikit.replicate_search_models.Arguments): replikit.types.SearchModelsResult?, replikit.Error?, replikit.Response? Search public models.
---@field update_deployment fun(arguments: replikit.replicate_update_deployment.Arguments): replikit.types.Deployment?, replikit.Error?, replikit.Response? Change a deployment's version, hardware or scale.
---@field update_model fun(arguments: replikit.replicate_update_model.Arguments): replikit.types.Model?, replikit.Error?, replikit.Response? Change a model's description, README or links.
local client = {}

--- Sends a call.
---@param name string|function
---@param arguments? table
---@return any value, replikit.Error? err, replikit.Response? response
function client:call(name, arguments) end

--- Builds the request of a call, without the token, and sends nothing.
---@param name string|function
---@param arguments? table
---@return replikit.Request? request, replikit.Error? err
function client:build(name, arguments) end

--- Iterates the items of all pages; an error ends it after a round in which the item is false.
---@param list string|function
---@param arguments? table
---@return fun(): any, replikit.Error?
function client:each(list, arguments) end

--- Iterates the items of a stream as they come; an error ends it after a round in which the item is false.
---@param name string|function
---@param arguments? table
---@return fun(): any, replikit.Error?
function client:items(name, arguments) end

--- Hands each item of a stream to a function as it comes, until that gives false.
---@param name string|function
---@param arguments? table
---@param on_item fun(item: any): boolean?
---@return true? done, replikit.Error? err, replikit.Response? response
function client:stream(name, arguments, on_item) end

--- Waits until a job has ended; gives its last state.
---@param result table
---@param options? {timeout?: number, interval?: number, cancel?: boolean, on_update?: fun(result: table), of?: string|function}
---@return any value, replikit.Error? err, replikit.Response? response
function client:wait(result, options) end

---@class replikit
---@field null replikit.Null
---@field functions string[]
local module = {}

---@class replikit.Options
---@field http fun(request: replikit.Request): replikit.Response?, string? Sends a request; or nil and a reason.
---@field token? string
---@field json? {decode: fun(text: string): any; null?: any}
---@field base_url? string
---@field timeout? number Seconds.
---@field sleep? fun(seconds: number)
---@field clock? fun(): number Seconds.

---@param options replikit.Options
---@return replikit.Client
function module.new(options) end

--- A table that is written as a list, even when it is empty.
---@param value? table
---@return table
function module.array(value) end

--- A table that is written as an object, even when it is empty.
---@param value? table
---@return table
function module.object(value) end

return module

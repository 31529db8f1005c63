---@meta replikit
-- Made by surfacegen from the API's description. Do not edit: run `make generate`.

---@class replikit.Error
---@field type string
---@field message string
---@field status? integer
---@field parameter? string
---@field retryable? boolean
---@field retry_after? number

---@class replikit.Response
---@field status integer
---@field headers table<string, string>
---@field body? string

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
---@field webhook_events_filter? (string)[] Events that call the webhook.
---@field wait? integer Seconds to wait for the result, 1 to 60.
---@field cancel_after? string Cancel the run after this long, like `5m`.

---@class replikit.replicate_create_file.Arguments
---@field content string|table The content of the file.
---@field filename? string File name, at most 255 bytes of UTF-8.
---@field metadata? table<string, any> Any JSON object to keep with the file.
---@field type? string MIME type of the content.

---@class replikit.replicate_create_model.Arguments
---@field owner string Account to own it; must be the token's.
---@field name string Name of the new model.
---@field visibility string Who can see and run it.
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
---@field webhook_events_filter? (string)[] Events that call the webhook.
---@field wait? integer Seconds to wait for the result, 1 to 60.
---@field cancel_after? string Cancel the run after this long, like `5m`.

---@class replikit.replicate_create_prediction.Arguments
---@field version string `owner/name:version_id`, or `owner/name` if official.
---@field input table<string, any> Inputs by name, as the model's `openapi_schema` has them.
---@field stream? boolean Deprecated; leave it out.
---@field webhook? string HTTPS URL to call with progress.
---@field webhook_events_filter? (string)[] Events that call the webhook.
---@field wait? integer Seconds to wait for the result, 1 to 60.
---@field cancel_after? string Cancel the run after this long, like `5m`.

---@class replikit.replicate_create_training.Arguments
---@field model_owner string User or organization owning the model.
---@field model_name string Name of the model.
---@field version_id string Version id, 64 hex digits.
---@field destination string Your model that takes the new version, as `owner/name`.
---@field input table<string, any> The trainer's own inputs, by name.
---@field webhook? string HTTPS URL to call with progress.
---@field webhook_events_filter? (string)[] Events that call the webhook.

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
---@field sort_by? string Date to sort by.
---@field sort_direction? string Newest first (`desc`) or oldest first.

---@class replikit.replicate_list_predictions.Arguments
---@field created_after? string Only those made at or after this time.
---@field created_before? string Only those made before this time.
---@field source? string `web`: only those made on the web site.

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

---@class replikit.Client
---@field cancel_prediction fun(arguments: replikit.replicate_cancel_prediction.Arguments): any, replikit.Error?, replikit.Response? Stop a prediction for good.
---@field cancel_training fun(arguments: replikit.replicate_cancel_training.Arguments): any, replikit.Error?, replikit.Response? Stop a training for good; it makes no version.
---@field create_deployment fun(arguments: replikit.replicate_create_deployment.Arguments): any, replikit.Error?, replikit.Response? Put a model version on hardware of its own.
---@field create_deployment_prediction fun(arguments: replikit.replicate_create_deployment_prediction.Arguments): any, replikit.Error?, replikit.Response? Run a deployment on an input.
---@field create_file fun(arguments: replikit.replicate_create_file.Arguments): any, replikit.Error?, replikit.Response? Upload a file to use as an input.
---@field create_model fun(arguments: replikit.replicate_create_model.Arguments): any, replikit.Error?, replikit.Response? Create an empty model to push versions to.
---@field create_model_prediction fun(arguments: replikit.replicate_create_model_prediction.Arguments): any, replikit.Error?, replikit.Response? Run an official model, without a version.
---@field create_prediction fun(arguments: replikit.replicate_create_prediction.Arguments): any, replikit.Error?, replikit.Response? Run a model version on an input; give `wait` for the output.
---@field create_training fun(arguments: replikit.replicate_create_training.Arguments): any, replikit.Error?, replikit.Response? Train a model version; the result becomes a new version.
---@field delete_deployment fun(arguments: replikit.replicate_delete_deployment.Arguments): true?, replikit.Error?, replikit.Response? Delete a deployment for good.
---@field delete_file fun(arguments: replikit.replicate_delete_file.Arguments): true?, replikit.Error?, replikit.Response? Delete an uploaded file for good.
---@field delete_model fun(arguments: replikit.replicate_delete_model.Arguments): true?, replikit.Error?, replikit.Response? Delete a private model that has no versions.
---@field delete_model_version fun(arguments: replikit.replicate_delete_model_version.Arguments): true?, replikit.Error?, replikit.Response? Delete a version with all its predictions and their files.
---@field download_file fun(arguments: replikit.replicate_download_file.Arguments): string?, replikit.Error?, replikit.Response? Get the content of an uploaded file.
---@field get_account fun(arguments?: replikit.replicate_get_account.Arguments): any, replikit.Error?, replikit.Response? Show whose token this is.
---@field get_collection fun(arguments: replikit.replicate_get_collection.Arguments): any, replikit.Error?, replikit.Response? Show a collection and its models.
---@field get_default_webhook_secret fun(arguments?: replikit.replicate_get_default_webhook_secret.Arguments): any, replikit.Error?, replikit.Response? Get the secret that signs webhooks.
---@field get_deployment fun(arguments: replikit.replicate_get_deployment.Arguments): any, replikit.Error?, replikit.Response? Show a deployment's version and scale.
---@field get_file fun(arguments: replikit.replicate_get_file.Arguments): any, replikit.Error?, replikit.Response? Show a file's type, size and URL.
---@field get_model fun(arguments: replikit.replicate_get_model.Arguments): any, replikit.Error?, replikit.Response? Show a model and its input schema.
---@field get_model_readme fun(arguments: replikit.replicate_get_model_readme.Arguments): string?, replikit.Error?, replikit.Response? Read a model's README.
---@field get_model_version fun(arguments: replikit.replicate_get_model_version.Arguments): any, replikit.Error?, replikit.Response? Show a version's input and output schemas.
---@field get_prediction fun(arguments: replikit.replicate_get_prediction.Arguments): any, replikit.Error?, replikit.Response? Show a prediction's status, output and logs.
---@field get_training fun(arguments: replikit.replicate_get_training.Arguments): any, replikit.Error?, replikit.Response? Show a training's status and new version.
---@field list_collections fun(arguments?: replikit.replicate_list_collections.Arguments): any, replikit.Error?, replikit.Response? List collections of models.
---@field list_deployments fun(arguments?: replikit.replicate_list_deployments.Arguments): any, replikit.Error?, replikit.Response? List your deployments.
---@field list_files fun(arguments?: replikit.replicate_list_files.Arguments): any, replikit.Error?, replikit.Response? List your files.
---@field list_hardware fun(arguments?: replikit.replicate_list_hardware.Arguments): any, replikit.Error?, replikit.Response? List hardware SKUs.
---@field list_model_examples fun(arguments: replikit.replicate_list_model_examples.Arguments): any, replikit.Error?, replikit.Response? List a model's example predictions.
---@field list_model_versions fun(arguments: replikit.replicate_list_model_versions.Arguments): any, replikit.Error?, replikit.Response? List a model's versions.
---@field list_models fun(arguments?: replikit.replicate_list_models.Arguments): any, replikit.Error?, replikit.Response? List public models; to find one, search.
---@field list_predictions fun(arguments?: replikit.replicate_list_predictions.Arguments): any, replikit.Error?, replikit.Response? List your predictions, newest first.
---@field list_trainings fun(arguments?: replikit.replicate_list_trainings.Arguments): any, replikit.Error?, replikit.Response? List your trainings.
---@field search fun(arguments: replikit.replicate_search.Arguments): any, replikit.Error?, replikit.Response? Search models, collections and docs.
---@field search_models fun(arguments: replikit.replicate_search_models.Arguments): any, replikit.Error?, replikit.Response? Search public models.
---@field update_deployment fun(arguments: replikit.replicate_update_deployment.Arguments): any, replikit.Error?, replikit.Response? Change a deployment's version, hardware or scale.
---@field update_model fun(arguments: replikit.replicate_update_model.Arguments): any, replikit.Error?, replikit.Response? Change a model's description, README or links.
local client = {}

---@param name string
---@param arguments? table
---@return any value, replikit.Error? err, replikit.Response? response
function client:call(name, arguments) end

---@param name string
---@param arguments? table
---@return table? request, replikit.Error? err
function client:build(name, arguments) end

---@param name string
---@param arguments? table
---@return fun(): any, replikit.Error?
function client:each(name, arguments) end

---@param name string
---@param result table
---@param options? {timeout?: number, interval?: number}
---@return any value, replikit.Error? err, replikit.Response? response
function client:wait(name, result, options) end

---@class replikit
---@field null any
---@field functions string[]
local module = {}

---@param options {token?: string, http: fun(request: table): replikit.Response?, string?, json?: table, base_url?: string, timeout?: number, sleep?: fun(seconds: number)}
---@return replikit.Client
function module.new(options) end

---@param value? table
---@return table
function module.array(value) end

---@param value? table
---@return table
function module.object(value) end

return module

"""What waits for its answer: made from `aio`, but for the few modules that are not one text for both."""

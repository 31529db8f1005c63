"""What every generated method stands on: requests, transport, errors, views and pages."""

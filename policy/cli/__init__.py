"""The command line: arguments, output, exit statuses. Nothing else imports it."""

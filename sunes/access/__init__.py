"""Who may see and change what: people and their roles, the rules of a deployment, the journal of what was done."""

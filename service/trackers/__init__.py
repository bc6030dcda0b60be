"""Improvements as issues in GitHub, Jira Cloud and Azure DevOps."""

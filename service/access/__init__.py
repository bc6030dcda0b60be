"""Who may do what: API keys for systems, users with roles for the pages, and one table of rules.

`service.access.rules` names every route; `service.access.middleware` finds out who asks and holds them to the table
before a body is read. Handlers get who it is as `CurrentUser` (a signed-in person) or `PrincipalDep` (anybody) from
`service.access.dependencies`.
"""

"""Dagger's GraphQL API: declared from the installed SDK's client, served by small resolvers."""

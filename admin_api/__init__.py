"""The admin API: a thin HTTP face over the domain's services, for the dashboard and for other programs."""

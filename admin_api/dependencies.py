"""What routes are given: the resources of the process, and the person they act for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from ettametta.bootstrap import Resources
from ettametta.users import Person


async def _resources(request: Request) -> Resources:
    resources: Resources = request.app.state.resources
    return resources


ResourcesDep = Annotated[Resources, Depends(_resources)]


async def _owner(resources: ResourcesDep) -> Person:
    return await resources.users.local(channel="api", external_id="internal")


#: The internal token speaks for the owner.
OwnerDep = Annotated[Person, Depends(_owner)]

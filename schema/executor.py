"""Strawberry's executor, for what is not one statement: mutations, the viewer, introspection, and what stands beside them.

Its entity fields ask the read engine, and the engine's bytes are grafted into the result as they are.
"""

from typing import Any

from graphql import GraphQLOutputType, GraphQLResolveInfo
from graphql.execution.collect_fields import FieldDetails
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from cms.errors import Forbidden
from schema.answer import Answer


class GraftingExecutor(StrawberryGraphQLCoreExecutionContext):
    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: list[FieldDetails],
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        if type(result) is Answer:
            return result
        if info.field_name in ("__schema", "__type") and not info.context.sees_schema:
            if info.field_name == "__type":
                return None  # hidden and absent are one answer
            raise Forbidden("The schema may be asked for by staff only; see /schema.graphql.")
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)

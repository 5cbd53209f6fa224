"""What the nodes of PostgreSQL's parse tree mean: closed lists.

Names are those of `src/include/nodes/parsenodes.h` and `primnodes.h` as libpg_query's JSON
gives them. A node that stands in no list makes its statement opaque.
"""

from __future__ import annotations

# Statements whose kind, object and facts follow from the node alone: (kind, object).
# Tables and functions below them are collected; rules decide.
PLAIN_STATEMENTS: dict[str, tuple[str, str | None]] = {
    "AlterCollationStmt": ("alter", "collation"),
    "AlterDatabaseRefreshCollStmt": ("alter", "database"),
    "AlterDatabaseSetStmt": ("alter", "database"),
    "AlterDatabaseStmt": ("alter", "database"),
    "AlterDefaultPrivilegesStmt": ("grant", "default-privileges"),
    "AlterDomainStmt": ("alter", "domain"),
    "AlterEnumStmt": ("alter", "type"),
    "AlterEventTrigStmt": ("alter", "event-trigger"),
    "AlterExtensionContentsStmt": ("alter", "extension"),
    "AlterExtensionStmt": ("alter", "extension"),
    "AlterFdwStmt": ("alter", "foreign-data-wrapper"),
    "AlterForeignServerStmt": ("alter", "server"),
    "AlterFunctionStmt": ("alter", "function"),
    "AlterObjectDependsStmt": ("alter", "dependency"),
    "AlterOpFamilyStmt": ("alter", "operator"),
    "AlterOperatorStmt": ("alter", "operator"),
    "AlterPolicyStmt": ("alter", "policy"),
    "AlterPublicationStmt": ("alter", "publication"),
    "AlterRoleSetStmt": ("alter", "role"),
    "AlterRoleStmt": ("alter", "role"),
    "AlterSeqStmt": ("alter", "sequence"),
    "AlterStatsStmt": ("alter", "statistics"),
    "AlterSubscriptionStmt": ("alter", "subscription"),
    "AlterSystemStmt": ("alter", "system"),
    "AlterTSConfigurationStmt": ("alter", "text-search"),
    "AlterTSDictionaryStmt": ("alter", "text-search"),
    "AlterTableMoveAllStmt": ("alter", "tablespace"),
    "AlterTableSpaceOptionsStmt": ("alter", "tablespace"),
    "AlterTypeStmt": ("alter", "type"),
    "AlterUserMappingStmt": ("alter", "user-mapping"),
    "CallStmt": ("call", None),
    "CheckPointStmt": ("checkpoint", None),
    "ClosePortalStmt": ("close", None),
    "ClusterStmt": ("cluster", "table"),
    "CommentStmt": ("comment", None),
    "CompositeTypeStmt": ("create", "type"),
    "ConstraintsSetStmt": ("set", "constraints"),
    "CreateAmStmt": ("create", "access-method"),
    "CreateCastStmt": ("create", "cast"),
    "CreateConversionStmt": ("create", "conversion"),
    "CreateDomainStmt": ("create", "domain"),
    "CreateEnumStmt": ("create", "type"),
    "CreateEventTrigStmt": ("create", "event-trigger"),
    "CreateExtensionStmt": ("create", "extension"),
    "CreateFdwStmt": ("create", "foreign-data-wrapper"),
    "CreateForeignServerStmt": ("create", "server"),
    "CreateForeignTableStmt": ("create", "foreign-table"),
    "CreateFunctionStmt": ("create", "function"),
    "CreateOpClassStmt": ("create", "operator"),
    "CreateOpFamilyStmt": ("create", "operator"),
    "CreatePLangStmt": ("create", "language"),
    "CreatePolicyStmt": ("create", "policy"),
    "CreatePublicationStmt": ("create", "publication"),
    "CreateRangeStmt": ("create", "type"),
    "CreateRoleStmt": ("create", "role"),
    "CreateSchemaStmt": ("create", "schema"),
    "CreateSeqStmt": ("create", "sequence"),
    "CreateStatsStmt": ("create", "statistics"),
    "CreateStmt": ("create", "table"),
    "CreateSubscriptionStmt": ("create", "subscription"),
    "CreateTableSpaceStmt": ("create", "tablespace"),
    "CreateTransformStmt": ("create", "transform"),
    "CreateTrigStmt": ("create", "trigger"),
    "CreateUserMappingStmt": ("create", "user-mapping"),
    "CreatedbStmt": ("create", "database"),
    "DeallocateStmt": ("deallocate", None),
    "DiscardStmt": ("discard", None),
    "DoStmt": ("do", None),
    "DropOwnedStmt": ("drop", "owned"),
    "DropRoleStmt": ("drop", "role"),
    "DropSubscriptionStmt": ("drop", "subscription"),
    "DropTableSpaceStmt": ("drop", "tablespace"),
    "DropUserMappingStmt": ("drop", "user-mapping"),
    "DropdbStmt": ("drop", "database"),
    "GrantRoleStmt": ("grant", "role"),
    "ImportForeignSchemaStmt": ("create", "foreign-table"),
    "IndexStmt": ("create", "index"),
    "ListenStmt": ("listen", None),
    "LoadStmt": ("load", "library"),
    "LockStmt": ("lock", "table"),
    "NotifyStmt": ("notify", None),
    "ReassignOwnedStmt": ("reassign", "owned"),
    "RefreshMatViewStmt": ("refresh", "materialized-view"),
    "ReindexStmt": ("reindex", None),
    "ReplicaIdentityStmt": ("alter", "table"),
    "RuleStmt": ("create", "rule"),
    "SecLabelStmt": ("security-label", None),
    "TruncateStmt": ("truncate", "table"),
    "UnlistenStmt": ("unlisten", None),
    "VariableShowStmt": ("show", None),
    "ViewStmt": ("create", "view"),
}

# Statements that have a reader of their own in pg.py.
READ_STATEMENTS = frozenset(
    "SelectStmt InsertStmt UpdateStmt DeleteStmt MergeStmt ExplainStmt PrepareStmt ExecuteStmt "
    "DeclareCursorStmt FetchStmt CopyStmt CreateTableAsStmt VariableSetStmt TransactionStmt "
    "DropStmt AlterTableStmt RenameStmt AlterObjectSchemaStmt AlterOwnerStmt DefineStmt "
    "GrantStmt VacuumStmt".split()
)

# Expressions and clauses that only combine what stands below them.
NEUTRAL = frozenset(
    "A_ArrayExpr A_Const A_Expr A_Indices A_Indirection A_Star ATAlterConstraint AccessPriv Alias "
    "AlterTableCmd BitString BoolExpr Boolean BooleanTest CTECycleClause CTESearchClause CaseExpr "
    "CaseWhen CoalesceExpr CollateClause ColumnDef ColumnRef CommonTableExpr Constraint "
    "CreateOpClassItem CurrentOfExpr DefElem Float FunctionParameter GroupingFunc GroupingSet "
    "IndexElem InferClause Integer IntoClause JoinExpr JsonAggConstructor JsonArgument "
    "JsonArrayAgg JsonArrayConstructor JsonArrayQueryConstructor JsonBehavior JsonFormat "
    "JsonFuncExpr JsonIsPredicate JsonKeyValue JsonObjectAgg JsonObjectConstructor JsonOutput "
    "JsonParseExpr JsonReturning JsonScalarExpr JsonSerializeExpr JsonTable JsonTableColumn "
    "JsonTablePathSpec JsonValueExpr List LockingClause MergeSupportFunc MergeWhenClause "
    "MinMaxExpr MultiAssignRef NamedArgExpr NullTest ObjectWithArgs OnConflictClause ParamRef "
    "PartitionBoundSpec PartitionCmd PartitionElem PartitionRangeDatum PartitionSpec "
    "PublicationObjSpec PublicationTable RangeFunction RangeSubselect RangeTableFunc "
    "RangeTableFuncCol RangeTableSample RangeVar ResTarget ReturnStmt ReturningClause "
    "ReturningOption RoleSpec RowExpr SQLValueFunction SetToDefault SortBy StatsElem String "
    "SubLink TableLikeClause TriggerTransition TypeCast TypeName VacuumRelation WindowDef "
    "WithClause XmlExpr XmlSerialize FuncCall".split()
)

# ALTER TABLE subcommands as features; those that stand nowhere here are `other`.
ALTER_FEATURES = {
    "AT_AddColumn": "add-column",
    "AT_ColumnDefault": "set-default",
    "AT_DropNotNull": "drop-not-null",
    "AT_SetNotNull": "set-not-null",
    "AT_SetStatistics": "set-statistics",
    "AT_SetOptions": "set-statistics",
    "AT_ResetOptions": "set-statistics",
    "AT_DropColumn": "drop-column",
    "AT_AddIndex": "add-index",
    "AT_AddConstraint": "add-constraint",
    "AT_AlterConstraint": "alter-constraint",
    "AT_ValidateConstraint": "validate-constraint",
    "AT_AddIndexConstraint": "add-constraint",
    "AT_DropConstraint": "drop-constraint",
    "AT_AlterColumnType": "alter-type",
    "AT_ChangeOwner": "owner",
    "AT_ClusterOn": "set-storage",
    "AT_DropCluster": "set-storage",
    "AT_SetRelOptions": "set-storage",
    "AT_ResetRelOptions": "set-storage",
    "AT_SetTableSpace": "set-storage",
    "AT_EnableTrig": "enable-trigger",
    "AT_EnableTrigAll": "enable-trigger",
    "AT_EnableTrigUser": "enable-trigger",
    "AT_EnableAlwaysTrig": "enable-trigger",
    "AT_EnableReplicaTrig": "enable-trigger",
    "AT_DisableTrig": "disable-trigger",
    "AT_DisableTrigAll": "disable-trigger",
    "AT_DisableTrigUser": "disable-trigger",
    "AT_EnableRule": "enable-rule",
    "AT_DisableRule": "disable-rule",
    "AT_EnableRowSecurity": "enable-row-security",
    "AT_ForceRowSecurity": "enable-row-security",
    "AT_DisableRowSecurity": "disable-row-security",
    "AT_NoForceRowSecurity": "disable-row-security",
    "AT_AttachPartition": "attach-partition",
    "AT_DetachPartition": "detach-partition",
    "AT_DetachPartitionFinalize": "detach-partition",
    "AT_AddIdentity": "add-identity",
    "AT_AddInherit": "inherit",
    "AT_DropInherit": "inherit",
}

# EXPLAIN's options besides ANALYZE, which is read with its value.
EXPLAIN_OPTIONS = frozenset(
    "verbose costs buffers format settings wal timing summary generic_plan memory serialize".split()
)

# The operators of pg_catalog (pg_operator.oprname, PostgreSQL 15). Any other symbol, or one
# with a schema, is a user's operator, and so a call to a user's function.
OPERATORS = frozenset(
    "!! !~ !~* !~~ !~~* # ## #- #> #>> % & && &< &<| &> * *< *<= *<> *= *> *>= + - -> ->> -|- / < "
    "<-> << <<= <<| <= <> <@ <^ = > >= >> >>= >^ ? ?# ?& ?- ?-| ?| ?|| @ @-@ @> @? @@ @@@ ^ ^@ | "
    "|&> |/ |>> || ||/ ~ ~* ~<=~ ~<~ ~= ~>=~ ~>~ ~~ ~~* != =>".split()
)

# The base, range and pseudo types of pg_catalog (pg_type, PostgreSQL 15), and what the grammar
# calls them. A cast to any other type runs its input function or the checks of a domain.
TYPES = frozenset(
    "_record aclitem any anyarray anyelement anyenum anyrange bit bool box bpchar bytea char cid "
    "cidr circle cstring date datemultirange daterange float4 float8 inet int2 int4 "
    "int4multirange int4range int8 int8multirange int8range interval json jsonb jsonpath line "
    "lseg macaddr macaddr8 money name numeric nummultirange numrange oid oidvector int2vector "
    "path pg_lsn pg_node_tree pg_snapshot point polygon record refcursor regclass regcollation "
    "regconfig regdictionary regnamespace regoper regoperator regproc regprocedure regrole "
    "regtype text tid time timestamp timestamptz timetz tsmultirange tsquery tsrange "
    "tstzmultirange tstzrange tsvector txid_snapshot unknown uuid varbit varchar void xid xid8 "
    "xml".split()
)

interface Script { body: import('ast').Statement[] }
//                                     ^ reference type module ast Statement
//! request type_query "ast"
//! errors 0

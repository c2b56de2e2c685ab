export type * from './types';
//! export * module ./types *
//! errors 0

import * as guards from './guards';
import { isCart } from './guards';
import { Cart, Shop } from './things';
declare const given: Cart | Shop, any: unknown, text: Cart | string | (() => Cart);
if (isCart(given)) given.of; else given.of;
//                       ^ leads to Cart.of
//                                      ^ leads to Shop.of
if (!guards.isCart(any)) throw any;
any.of;
//  ^ leads to Cart.of
const isShop = (_: unknown, of: unknown): of is Shop => !!of;
if (isShop(any, given)) given.of;
//                            ^ leads to Shop.of
if (isShop(given, any)) given.of;
//                            ^ heuristic Cart.of or Shop.of
function not(of: unknown): boolean { return !of; }
if (not(given)) given.of;
//                    ^ heuristic Cart.of or Shop.of
if (guards.isObject(text)) text.of;
//                              ^ leads to Cart.of
if (guards.isText(text)) text.length;
//                            ^ external
if (guards.isFunction(text)) text().of;
//                                  ^ leads to Cart.of
type CartLike = Cart | Like;
interface Like { of: number; like: true }
function isCartLike(of: unknown): of is CartLike { return !!of; }
declare const like: CartLike | Shop;
if (!isCartLike(like)) like.of;
//                          ^ leads to Shop.of
abstract class Node { isLeaf(): this is Leaf { return true; } of = 1; }
class Leaf extends Node { leaf = 1; of = 1; }
declare const node: Node;
if (node.isLeaf()) node.leaf + node.of;
//                      ^ leads to Leaf.leaf
//                                  ^ leads to Leaf.of
// @file: things.ts
export interface Cart { of: number; pay: true }
export interface Shop { of: number; sell: true }
// @file: guards.ts
import type { Cart } from './things';
export function isCart(this: void, of: unknown): of is Cart { return !!of; }
export const isObject = (of: unknown): of is Record<string, unknown> => !!of;
export const isText = (of: unknown): of is string => !!of;
export const isFunction = (of: unknown): of is Function => !!of;

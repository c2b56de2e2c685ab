// What inference knows of the runtime's own types: how values travel through them. Only what gives
// back something of the program is here, and the length, by which types tell arrays from tuples; every
// other member of these types is the runtime's own.

interface Iterator<T> {
    next(): IteratorResult<T>;
}
interface IteratorResult<T> {
    value: T;
}
interface Iterable<T> {
    [Symbol.iterator](): Iterator<T>;
}
interface AsyncIterable<T> extends Iterable<T> {
    [Symbol.asyncIterator](): AsyncIterator<T>;
}
interface IterableIterator<T> extends Iterable<T>, Iterator<T> {
    map<U>(callback: (value: T, index: number) => U): IterableIterator<U>;
    filter(callback: (value: T, index: number) => boolean): IterableIterator<T>;
    toArray(): T[];
}
interface IteratorObject<T> extends IterableIterator<T> {}
interface ArrayIterator<T> extends IterableIterator<T> {}
interface MapIterator<T> extends IterableIterator<T> {}
interface SetIterator<T> extends IterableIterator<T> {}
interface Generator<T, R = any, N = any> extends IterableIterator<T> {}
interface AsyncIterator<T> {
    next(): Promise<IteratorResult<T>>;
}
interface AsyncIterableIterator<T> extends AsyncIterable<T>, AsyncIterator<T> {}
interface AsyncGenerator<T, R = any, N = any> extends AsyncIterableIterator<T> {}

interface ArrayLike<T> {
    [index: number]: T;
}
interface ReadonlyArray<T> extends Iterable<T>, ArrayLike<T> {
    at(index: number): T | undefined;
    concat(...items: T[]): T[];
    entries(): IterableIterator<[number, T]>;
    every(callback: (value: T, index: number, array: T[]) => boolean): boolean;
    filter<S extends T>(callback: (value: T, index: number, array: T[]) => value is S): T[];
    find<S extends T>(callback: (value: T, index: number, array: T[]) => value is S): T | undefined;
    findIndex(callback: (value: T, index: number, array: T[]) => boolean): number;
    findLast(callback: (value: T, index: number, array: T[]) => boolean): T | undefined;
    findLastIndex(callback: (value: T, index: number, array: T[]) => boolean): number;
    readonly length: number;
    flat(depth?: number): Flat<T>[];
    flatMap<U>(callback: (value: T, index: number, array: T[]) => U | ReadonlyArray<U>): U[];
    forEach(callback: (value: T, index: number, array: T[]) => void): void;
    map<U>(callback: (value: T, index: number, array: T[]) => U): U[];
    reduce<U>(callback: (before: U, value: T, index: number, array: T[]) => U, initial: U): U;
    reduce(callback: (before: T, value: T, index: number, array: T[]) => T): T;
    reduceRight<U>(callback: (before: U, value: T, index: number, array: T[]) => U, initial: U): U;
    slice(start?: number, end?: number): T[];
    some(callback: (value: T, index: number, array: T[]) => boolean): boolean;
    toReversed(): T[];
    toSorted(compare?: (a: T, b: T) => number): T[];
    toSpliced(start: number, count?: number, ...items: T[]): T[];
    values(): IterableIterator<T>;
    with(index: number, value: T): T[];
}
interface Array<T> extends ReadonlyArray<T> {
    copyWithin(target: number, start: number): T[];
    fill(value: T): T[];
    pop(): T | undefined;
    push(...items: T[]): number;
    reverse(): T[];
    shift(): T | undefined;
    sort(compare?: (a: T, b: T) => number): T[];
    splice(start: number, count?: number, ...items: T[]): T[];
    unshift(...items: T[]): number;
}

interface ReadonlyMap<K, V> extends Iterable<[K, V]> {
    entries(): IterableIterator<[K, V]>;
    forEach(callback: (value: V, key: K, map: Map<K, V>) => void): void;
    get(key: K): V | undefined;
    keys(): IterableIterator<K>;
    values(): IterableIterator<V>;
}
interface Map<K, V> extends ReadonlyMap<K, V> {
    getOrInsert(key: K, value: V): V;
    set(key: K, value: V): Map<K, V>;
}
interface WeakMap<K, V> {
    get(key: K): V | undefined;
    set(key: K, value: V): WeakMap<K, V>;
}
interface ReadonlySet<T> extends Iterable<T> {
    entries(): IterableIterator<[T, T]>;
    forEach(callback: (value: T, again: T, set: Set<T>) => void): void;
    keys(): IterableIterator<T>;
    values(): IterableIterator<T>;
}
interface Set<T> extends ReadonlySet<T> {
    add(value: T): Set<T>;
}
interface WeakSet<T> {
    add(value: T): WeakSet<T>;
}
interface WeakRef<T> {
    deref(): T | undefined;
}

interface PromiseLike<T> {
    then<A = T, B = never>(done?: (value: T) => A | PromiseLike<A>, failed?: (why: any) => B): Promise<A | B>;
}
interface Promise<T> extends PromiseLike<T> {
    catch<B = never>(failed?: (why: any) => B | PromiseLike<B>): Promise<T | B>;
    finally(callback?: () => void): Promise<T>;
}

interface ProxyHandler<T> {
    get(target: T, name: string, receiver: any): any;
    set(target: T, name: string, value: any, receiver: any): boolean;
    has(target: T, name: string): boolean;
    deleteProperty(target: T, name: string): boolean;
    ownKeys(target: T): string[];
    apply(target: T, self: any, values: any[]): any;
}
interface Record<K, V> {
    [name: string]: V;
}

type Awaited<T> = T;
type AwaitedEach<T> = T;
type Flat<T> = T;
type ConstructorParameters<T> = T;
type Exclude<T, U> = T extends U ? never : T;
type Extract<T, U> = T extends U ? T : never;
type InstanceType<T> = T;
type NoInfer<T> = T;
type NonNullable<T> = T;
type Omit<T, K> = T;
type Parameters<T> = T;
type Partial<T> = T;
type Pick<T, K> = T;
type Readonly<T> = T;
type Required<T> = T;
type ReturnType<T> = T;
type ThisType<T> = T;
type OmitThisParameter<T> = T;

declare const Array: {
    new <T>(...items: T[]): T[];
    <T>(...items: T[]): T[];
    from<T>(source: Iterable<T> | ArrayLike<T>): T[];
    from<T, U>(source: Iterable<T> | ArrayLike<T>, map: (value: T, index: number) => U): U[];
    of<T>(...items: T[]): T[];
};
declare const Object: {
    assign<T, U>(target: T, source: U): T & U;
    assign<T, U, V>(target: T, source: U, more: V): T & U & V;
    create<T>(prototype: T): T;
    defineProperty<T>(target: T, name: string, how: any): T;
    entries<V>(of: Record<string, V>): [string, V][];
    freeze<T>(of: T): T;
    fromEntries<V>(entries: Iterable<[string, V]>): Record<string, V>;
    groupBy<T>(of: Iterable<T>, key: (value: T, index: number) => string): Record<string, T[]>;
    seal<T>(of: T): T;
    setPrototypeOf<T>(of: T, prototype: any): T;
    values<V>(of: Record<string, V>): V[];
};
declare const Promise: {
    new <T>(run: (done: (value: T) => void, failed: (why: any) => void) => void): Promise<T>;
    all<T extends any[] | []>(values: T): Promise<AwaitedEach<T>>;
    allSettled<T>(values: Iterable<T>): Promise<PromiseSettledResult<Awaited<T>>[]>;
    any<T>(values: Iterable<T>): Promise<Awaited<T>>;
    race<T>(values: Iterable<T>): Promise<Awaited<T>>;
    resolve<T>(value: T): Promise<Awaited<T>>;
};
interface PromiseSettledResult<T> {
    value: T;
}
declare const Map: {
    new <K, V>(entries?: Iterable<[K, V]>): Map<K, V>;
    groupBy<K, T>(of: Iterable<T>, key: (value: T, index: number) => K): Map<K, T[]>;
};
declare const WeakMap: { new <K, V>(entries?: Iterable<[K, V]>): WeakMap<K, V> };
declare const Set: { new <T>(values?: Iterable<T>): Set<T> };
declare const WeakSet: { new <T>(values?: Iterable<T>): WeakSet<T> };
declare const WeakRef: { new <T>(of: T): WeakRef<T> };
declare const Proxy: { new <T>(target: T, handler: ProxyHandler<T>): T };
declare const Reflect: {
    construct<T>(type: new () => T, values: any[]): T;
};
declare function structuredClone<T>(value: T): T;

class Person { greet() {} }
abstract class Animal {
  protected constructor(readonly owner: Person) {}
  static of<T extends Animal>(this: new (owner: Person) => T, owner: Person): T { return new this(owner); }
  static plain() { return new Person(); }
}
class Dog extends Animal { constructor(owner: Person) { super(owner); } fetch() {} }
Dog.of(new Person()).fetch();
//  ^ leads to Animal.of
//                   ^ leads to Dog.fetch
Dog.of(new Person()).owner.greet();
//                   ^ leads to Animal.owner
//                         ^ leads to Person.greet
Dog.plain().greet();
//          ^ leads to Person.greet
class Model { static all<T extends typeof Model>(this: T): InstanceType<T>[] { return []; } id = 1; }
class Post extends Model { title() {} static first() { return this.all()[0]; } }
Post.all()[0].title();
//            ^ leads to Post.title
Post.all()[0].id;
//            ^ leads to Model.id
Model.all()[0].id;
//             ^ leads to Model.id
Post.first().title();
//           ^ leads to Post.title

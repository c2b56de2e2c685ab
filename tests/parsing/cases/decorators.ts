import { Injectable } from 'di';
function log(x: unknown) { return log as any; }
@Injectable()
// <- no reference
//^ no reference
class Service {
  @log field = 1;
  // <- no reference
  @log
  //^ no reference
  run() {}
  // <- definition method run in Service
}

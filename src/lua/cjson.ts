/** cjson. */
import type { LuaVm } from './vm.ts';
export function openCjson(vm: LuaVm): void {
  vm.newTable();
}

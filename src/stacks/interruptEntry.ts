/**
 * Entry code of interrupts and exceptions. The frame after it is not a caller: it is where the CPU was when the interrupt came, so its
 * address is exact (x86: arch/x86/entry/entry_64.S with idtentry.h; arm64: arch/arm64/kernel/entry.S).
 */
const entries = /^(?:asm_(?:sysvec|common|spurious|exc|fred)_?\w*|(?:apic_timer|call_function(?:_single)?|reschedule|irq_work|error)_(?:interrupt|entry)|common_interrupt|ret_from_intr|page_fault|general_protection|invalid_op|double_fault|end_repeat_nmi|asm_exc_nmi|el1[ht]?_(?:64_)?(?:sync|irq|fiq|error)|ret_from_exception|handle_exception)$/;

export const isInterruptEntry = (symbol: string | undefined): boolean => symbol !== undefined && entries.test(symbol);

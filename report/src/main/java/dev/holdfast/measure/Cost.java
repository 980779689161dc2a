package dev.holdfast.measure;

/**
 * Processor time and heap allocation of this process over an interval.
 *
 * @param cpuNanos processor time of the process in nanoseconds, JIT compilers and garbage collector included
 * @param threadNanos processor time of the Java threads only, in nanoseconds
 * @param heapBytes bytes that Java threads allocated on the heap
 */
public record Cost(long cpuNanos, long threadNanos, long heapBytes) {
    /** Returns this cost less {@code bytes} of heap, the known allocation of the measurement itself. */
    public Cost minusHeap(long bytes) {
        return new Cost(cpuNanos, threadNanos, heapBytes - bytes);
    }
}

package dev.holdfast.measure;

/**
 * What was spent.
 *
 * @param cpuNanos processor time of the whole process, compilers and collector included
 * @param threadNanos processor time of the Java threads alone
 * @param heapBytes what Java threads allocated on the heap
 */
public record Cost(long cpuNanos, long threadNanos, long heapBytes) {
    /** The same without so much heap, which the measurement itself is known to have taken. */
    public Cost lessHeap(long bytes) {
        return new Cost(cpuNanos, threadNanos, heapBytes - bytes);
    }
}

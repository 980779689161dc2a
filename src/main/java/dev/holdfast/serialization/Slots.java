package dev.holdfast.serialization;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** A few spare things for reuse: whoever took one puts it back. Thread-safe. */
final class Slots<T> {
    private static final int COUNT = 8;

    /** A thread comes back to its slot; where two share one, one of them makes a thing anew. */
    private final AtomicReferenceArray<@Nullable T> spare = new AtomicReferenceArray<>(COUNT);

    @Nullable
    T take() {
        return spare.getAndSet(slot(), null);
    }

    void put(T thing) {
        spare.set(slot(), thing);
    }

    private static int slot() {
        return (int) Thread.currentThread().getId() & (COUNT - 1);
    }
}

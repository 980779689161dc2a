package dev.holdfast.internal.concurrent;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Pool of at most 8 objects, in slots picked by thread id, so that a thread usually gets the object that it released.
 * Threads that share a slot do not wait for each other: a thread that finds it empty creates an object. Thread-safe.
 */
public final class StripedPool<T> {
    private static final int SLOTS = 8;

    private final AtomicReferenceArray<@Nullable T> slots = new AtomicReferenceArray<>(SLOTS);

    /** Removes and returns the object in this thread's slot; null if there is none. */
    public @Nullable T acquire() {
        return slots.getAndSet(slot(), null);
    }

    /** Puts an object into this thread's slot, replacing any other. */
    public void release(T object) {
        slots.set(slot(), object);
    }

    private static int slot() {
        return (int) Thread.currentThread().getId() & (SLOTS - 1);
    }
}

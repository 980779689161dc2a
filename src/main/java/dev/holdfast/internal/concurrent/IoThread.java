package dev.holdfast.internal.concurrent;

import io.netty.util.concurrent.FastThreadLocalThread;
import org.jspecify.annotations.Nullable;

/** The I/O thread of a connection, which must not block. */
public final class IoThread extends FastThreadLocalThread {
    public IoThread(@Nullable ThreadGroup group, Runnable task, String name) {
        super(group, task, name);
    }

    /** Whether the current thread is the I/O thread of a connection. */
    public static boolean isCurrent() {
        return Thread.currentThread() instanceof IoThread;
    }
}

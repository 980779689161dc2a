package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that leaks a buffer. Netty only logs leaks, and only when the next buffer is allocated after the
 * collector found the lost one: so the end of a class collects and allocates until nothing more comes. Registered for
 * all classes by META-INF/services.
 */
public final class BufferLeakExtension implements AfterAllCallback {
    private static final Queue<String> FOUND = new ConcurrentLinkedQueue<>();
    private static final int ROUNDS = 3;
    private static final int PATIENCE_MILLIS = 1000;

    static {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Reporting());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        assertThat(found()).as("leaked buffers, in this class or one before it").isEmpty();
    }

    /** Collects, and takes away, what was leaked so far. */
    static List<String> found() {
        for (int i = 0; i < ROUNDS; i++) {
            collect();
            ByteBufAllocator.DEFAULT.buffer(1).release();
        }
        List<String> leaks = new ArrayList<>();
        for (String leak = FOUND.poll(); leak != null; leak = FOUND.poll()) {
            leaks.add(leak);
        }
        return leaks;
    }

    /** Until a reference of our own has come all the way: it is handed on no earlier than those of the round before. */
    private static void collect() {
        ReferenceQueue<Object> collected = new ReferenceQueue<>();
        WeakReference<Object> lost = new WeakReference<>(new Object(), collected);
        try {
            do {
                System.gc();
            } while (collected.remove(PATIENCE_MILLIS) == null);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while looking for leaks", e);
        } finally {
            Reference.reachabilityFence(lost);
        }
    }

    private static final class Reporting extends ResourceLeakDetectorFactory {
        @Override
        @SuppressWarnings("deprecation") // the factory's own signature
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> type, int interval, long maxActive) {
            return new Detector<>(type, interval);
        }
    }

    /** Keeps what Netty would log. */
    private static final class Detector<T> extends ResourceLeakDetector<T> {
        Detector(Class<T> type, int interval) {
            super(type, interval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resource, String records) {
            FOUND.add(resource + records);
        }

        @Override
        protected void reportUntracedLeak(String resource) {
            FOUND.add(resource);
        }
    }
}

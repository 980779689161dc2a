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
 * Fails a test class that leaks a Netty buffer. Netty only logs a leak, and only at an allocation after the garbage
 * collector has found the lost buffer: so the end of a class collects garbage and allocates, several times.
 * META-INF/services registers the extension for all classes.
 */
public final class BufferLeakExtension implements AfterAllCallback {
    private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();
    private static final int ROUNDS = 3;
    private static final int REFERENCE_WAIT_MILLIS = 1000;

    static {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new CollectingFactory());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        assertThat(takeLeaks())
                .as("leaked buffers of this class or an earlier one")
                .isEmpty();
    }

    /** Finds the leaks so far, removes them from the record and returns them. */
    static List<String> takeLeaks() {
        for (int i = 0; i < ROUNDS; i++) {
            collectGarbage();
            ByteBufAllocator.DEFAULT.buffer(1).release();
        }
        List<String> leaks = new ArrayList<>();
        for (String leak = LEAKS.poll(); leak != null; leak = LEAKS.poll()) {
            leaks.add(leak);
        }
        return leaks;
    }

    /** Collects until a reference created here is enqueued: references of the round before are enqueued no later. */
    private static void collectGarbage() {
        ReferenceQueue<Object> enqueued = new ReferenceQueue<>();
        WeakReference<Object> reference = new WeakReference<>(new Object(), enqueued);
        try {
            do {
                System.gc();
            } while (enqueued.remove(REFERENCE_WAIT_MILLIS) == null);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted during the search for leaks", e);
        } finally {
            Reference.reachabilityFence(reference);
        }
    }

    private static final class CollectingFactory extends ResourceLeakDetectorFactory {
        @Override
        @SuppressWarnings("deprecation") // the signature of the factory
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> type, int interval, long maxActive) {
            return new CollectingDetector<>(type, interval);
        }
    }

    /** Records the leaks that Netty would log. */
    private static final class CollectingDetector<T> extends ResourceLeakDetector<T> {
        CollectingDetector(Class<T> type, int interval) {
            super(type, interval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resource, String records) {
            LEAKS.add(resource + records);
        }

        @Override
        protected void reportUntracedLeak(String resource) {
            LEAKS.add(resource);
        }
    }
}

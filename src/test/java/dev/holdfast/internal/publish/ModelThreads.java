package dev.holdfast.internal.publish;

import dev.holdfast.Confirmation;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.outbound.SegmentLog;
import io.netty.channel.EventLoop;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Publishes of threads other than the I/O thread, which may wait for room. The seed still determines the schedule: an
 * event runs with the log's lock, those that it wakes run after it, and the next event begins when each of them waits
 * again or is done.
 */
final class ModelThreads {
    private static final int MAX_THREADS = 3;
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Thread ioThread = Thread.currentThread();
    private final ReentrantLock lock;
    private final List<Publish> publishes = new ArrayList<>();

    private static final class Publish {
        private final ModelMessage message;
        private final Consumer<ModelMessage> published;
        private final Thread thread;

        /** The future of the publish; set when the caller need not wait any more. */
        private volatile CompletableFuture<Confirmation> result;

        private boolean interrupted;

        Publish(ModelMessage message, Consumer<ModelMessage> published) {
            this.message = message;
            this.published = published;
            this.thread = new Thread(() -> result = message.channel.publish(message), "publisher");
        }
    }

    ModelThreads(OutboundLog log) {
        try {
            Field field = OutboundLog.class.getDeclaredField("lock");
            field.setAccessible(true);
            lock = (ReentrantLock) field.get(log);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("OutboundLog.lock", e);
        }
    }

    /** This event loop, which the embedded one is not: only the thread that created this object is in it. */
    EventLoop loop(EventLoop embedded) {
        return (EventLoop) Proxy.newProxyInstance(
                EventLoop.class.getClassLoader(), new Class<?>[] {EventLoop.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("inEventLoop")) {
                        return Thread.currentThread() == ioThread;
                    }
                    synchronized (this) {
                        return method.invoke(embedded, arguments);
                    }
                });
    }

    /** A large message is encoded without the lock: meanwhile no other thread may append. */
    boolean mayStart(ModelMessage message) {
        return publishes.isEmpty()
                || (publishes.size() < MAX_THREADS
                        && !isLarge(message)
                        && publishes.stream().noneMatch(publish -> isLarge(publish.message)));
    }

    private static boolean isLarge(ModelMessage message) {
        return message.body.length > SegmentLog.SEGMENT_BYTES / 2;
    }

    boolean isEmpty() {
        return publishes.isEmpty();
    }

    /** Publishes on a new thread. The action runs when the message is appended or refused. */
    void publish(ModelMessage message, Consumer<ModelMessage> published) {
        message.waiting = true;
        Publish publish = new Publish(message, published);
        publishes.add(publish);
        publish.thread.start();
        settle();
    }

    /** Runs an event of the schedule, and then the threads that it has woken. */
    void run(Runnable event) {
        if (publishes.isEmpty()) {
            event.run();
            return;
        }
        lock.lock();
        try {
            event.run();
        } finally {
            lock.unlock();
        }
        settle();
    }

    /** Whether the code under test holds the lock. */
    boolean isLocked() {
        return lock.getHoldCount() > (publishes.isEmpty() ? 0 : 1);
    }

    /** Interrupts the oldest thread that waits. */
    void interrupt() {
        if (!publishes.isEmpty()) {
            publishes.get(0).interrupted = true;
            publishes.get(0).thread.interrupt();
        }
    }

    /** The clock has advanced: the timed waits, which are in real time, end. */
    void recheckLimits() {
        publishes.forEach(publish -> publish.message.channel.publisher.wake());
    }

    private void settle() {
        long begin = System.nanoTime();
        while (!isSettled()) {
            if (System.nanoTime() - begin > LIMIT_NANOS) {
                throw new AssertionError("publishers neither wait nor end: "
                        + publishes.stream().map(publish -> publish.message).toList());
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        for (Publish publish : List.copyOf(publishes)) {
            if (publish.result != null) {
                publishes.remove(publish);
                publish.message.waiting = false;
                publish.message.appended |= publish.message.channel.publisher.state.open;
                publish.message.future = publish.result;
                publish.published.accept(publish.message);
            }
        }
    }

    /** With the lock, so that no thread wakes another meanwhile. */
    private boolean isSettled() {
        lock.lock();
        try {
            for (Publish publish : publishes) {
                boolean waits = !publish.interrupted
                        && !lock.hasQueuedThread(publish.thread)
                        && publish.thread.getState() == Thread.State.TIMED_WAITING;
                if (publish.result == null && !waits) {
                    return false;
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}

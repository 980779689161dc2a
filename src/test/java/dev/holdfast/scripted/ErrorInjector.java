package dev.holdfast.scripted;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.Address;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.ConnectionListener;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Credentials;
import dev.holdfast.RetryPolicy;
import dev.holdfast.serialization.Compressor;
import dev.holdfast.serialization.CompressorRegistry;
import dev.holdfast.serialization.Serializer;
import dev.holdfast.serialization.SerializerRegistry;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts the allocations of buffers and the calls of foreign code of a connection, and throws an Error in one of them.
 * Thread-safe.
 */
final class ErrorInjector {
    private final AtomicInteger calls = new AtomicInteger();
    private final Map<String, AtomicInteger> callsByKind = new ConcurrentHashMap<>();
    private final int maxOfAKind;
    private volatile int throwing;
    private volatile @Nullable String thrownAt;

    /** @param maxOfAKind how many calls of one kind count: later ones differ little */
    ErrorInjector(int maxOfAKind) {
        this.maxOfAKind = maxOfAKind;
    }

    /** Throws in the n-th call from now on, and in no other. */
    void arm(int nth) {
        calls.set(0);
        callsByKind.clear();
        throwing = nth;
    }

    /** Throws no more. */
    void disarm() {
        throwing = 0;
    }

    /** Where the Error was thrown; null if it was not. */
    @Nullable
    String thrownAt() {
        return thrownAt;
    }

    /** A call of this kind of foreign code. */
    void call(String what) {
        if (isThrowing(what)) {
            throw new NoClassDefFoundError("injected in " + what);
        }
    }

    private boolean isThrowing(String what) {
        int nth = throwing;
        boolean counts = nth > 0
                && callsByKind
                                .computeIfAbsent(what, kind -> new AtomicInteger())
                                .incrementAndGet()
                        <= maxOfAKind;
        boolean now = counts && calls.incrementAndGet() == nth;
        if (now) {
            thrownAt = what;
        }
        return now;
    }

    /** An executor that throws before or after it accepts a task. */
    Executor executor(String name, Executor target) {
        return task -> {
            if (isThrowing(name + " before it accepts a task")) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            target.execute(task);
            if (isThrowing(name + " after it accepted a task")) {
                throw new OutOfMemoryError("unable to create native thread");
            }
        };
    }

    /** Adds foreign code of all kinds to the options. */
    ConnectionOptions addTo(ConnectionOptions options) {
        return options.listener(new Listener())
                .credentials(() -> {
                    call("the credentials supplier");
                    return new Credentials("guest", "guest");
                })
                .failover(addresses -> {
                    call("the failover");
                    return addresses;
                })
                .onReturn(message -> call("onReturn of the connection"))
                .serializers(SerializerRegistry.standard().with("own", new OwnSerializer()))
                .compressors(CompressorRegistry.standard().with("own", new OwnCompressor()));
    }

    /** A policy whose functions throw. */
    RetryPolicy policy(Duration delay) {
        return RetryPolicy.of(retry -> {
                    call("Backoff");
                    return delay;
                })
                .maxRetries(3)
                .onRetry((cause, wait) -> call("onRetry"))
                .retryOn(cause -> {
                    call("retryOn");
                    return cause.recoverable();
                });
    }

    /** An allocator that throws. */
    AbstractByteBufAllocator allocator() {
        return new AbstractByteBufAllocator(true) {
            @Override
            protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
                allocate("heap buffer");
                return UnpooledByteBufAllocator.DEFAULT.heapBuffer(initialCapacity, maxCapacity);
            }

            @Override
            protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
                allocate(initialCapacity < 1024 ? "small buffer" : "direct buffer of " + initialCapacity);
                return UnpooledByteBufAllocator.DEFAULT.directBuffer(initialCapacity, maxCapacity);
            }

            @Override
            public boolean isDirectBufferPooled() {
                return false;
            }
        };
    }

    private void allocate(String what) {
        if (isThrowing("the allocation of a " + what)) {
            throw new OutOfMemoryError("injected: " + what);
        }
    }

    private final class Listener implements ConnectionListener {
        @Override
        public void connected(Address address) {
            call("listener.connected");
        }

        @Override
        public void connectFailed(AmqpException cause) {
            call("listener.connectFailed");
        }

        @Override
        public void closed(Address address, AmqpConnectionException cause) {
            call("listener.closed");
        }

        @Override
        public void retrying(AmqpException cause, Duration delay) {
            call("listener.retrying");
        }

        @Override
        public void replayed(int messages) {
            call("listener.replayed");
        }
    }

    private final class OwnSerializer implements Serializer {
        @Override
        public String contentType() {
            return "text/own";
        }

        @Override
        public Optional<String> contentEncoding() {
            return Optional.empty();
        }

        @Override
        public byte[] serialize(Object body) {
            call("the serializer");
            return String.valueOf(body).getBytes(UTF_8);
        }

        @Override
        public Object deserialize(byte[] body) {
            return new String(body, UTF_8);
        }
    }

    private final class OwnCompressor implements Compressor {
        @Override
        public String contentType() {
            return "application/own";
        }

        @Override
        public OutputStream compress(OutputStream target) {
            call("the compressor");
            return target;
        }

        @Override
        public InputStream decompress(InputStream source) {
            return source;
        }
    }
}

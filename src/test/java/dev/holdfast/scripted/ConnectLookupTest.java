package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpException;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionListener;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Credentials;
import dev.holdfast.testing.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Credentials suppliers that block: calls, threads and failures. */
class ConnectLookupTest extends ScriptedTest {
    private static final Credentials GUEST = new Credentials("guest", "guest");

    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final CountDownLatch blocked = new CountDownLatch(1);

    @AfterEach
    void release() {
        blocked.countDown();
    }

    /** Options whose rounds are short, and whose failures this test collects. */
    private ConnectionOptions impatient() {
        return broker.options()
                .connectTimeout(Duration.ofMillis(50))
                .closeTimeout(Duration.ofMillis(1))
                .listener(new ConnectionListener() {
                    @Override
                    public void connectFailed(AmqpException cause) {
                        failures.add(cause.getMessage());
                    }
                });
    }

    private Credentials ignoreInterrupts() {
        int unused = calls.incrementAndGet();
        while (true) {
            try {
                blocked.await();
                return GUEST;
            } catch (InterruptedException e) {
                // The next call of await() waits again: this is the supplier that the test is about.
            }
        }
    }

    private Credentials failWhenInterrupted() {
        int unused = calls.incrementAndGet();
        try {
            blocked.await();
            return GUEST;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private long lookupThreads() {
        String name = "holdfast-lookup-" + broker.options().addresses().get(0);
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .count();
    }

    @Test
    void supplierThatIgnoresInterruptsIsNotCalledAgainBeforeItReturns() throws Exception {
        try (Connection connection = Connection.lazy(impatient().credentials(this::ignoreInterrupts))) {
            CompletableFuture<Connection> unused = connection.ensureConnectionAsync(NO_DELAY);
            Await.until("ten failed rounds", () -> failures.size() >= 10);

            assertThat(calls).hasValue(1);
            assertThat(failures.get(0)).contains("still waiting for the credentials supplier");
            assertThat(failures.get(9)).containsPattern("the credentials supplier was asked \\d+ ms ago");

            blocked.countDown();
            Await.until("the next call", () -> calls.get() > 1);
        }
    }

    @Test
    void blockedSupplierIsInterruptedAfterConnectTimeout() throws Exception {
        try (Connection connection = Connection.lazy(impatient().credentials(this::failWhenInterrupted))) {
            CompletableFuture<Connection> unused = connection.ensureConnectionAsync(NO_DELAY);
            Await.until("the fifth call", () -> calls.get() >= 5);
        }
        Await.until("no thread is left", () -> lookupThreads() == 0);
    }

    @Test
    void closeInterruptsTheSupplier() throws Exception {
        ConnectionOptions patient = impatient().connectTimeout(Duration.ofHours(1));
        try (Connection connection = Connection.lazy(patient.credentials(this::failWhenInterrupted))) {
            CompletableFuture<Connection> unused = connection.ensureConnectionAsync(NO_DELAY);
            Await.until("the call", () -> calls.get() == 1);
        }
        Await.until("no thread is left", () -> lookupThreads() == 0);
    }

    @Test
    void oneThreadRemainsUntilTheSupplierReturns() throws Exception {
        try (Connection connection = Connection.lazy(impatient().credentials(this::ignoreInterrupts))) {
            CompletableFuture<Connection> unused = connection.ensureConnectionAsync(NO_DELAY);
            Await.until("ten failed rounds", () -> failures.size() >= 10);
        }
        Await.until("only the supplier's thread is left", () -> lookupThreads() == 1);
        blocked.countDown();
        Await.until("no thread is left", () -> lookupThreads() == 0);
    }
}

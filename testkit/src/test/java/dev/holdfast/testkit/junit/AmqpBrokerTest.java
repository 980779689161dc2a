package dev.holdfast.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.FaultProxy;
import dev.holdfast.testkit.ScriptedBroker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

class AmqpBrokerTest {
    private static final Set<Integer> BROKERS = ConcurrentHashMap.newKeySet();
    private static final Set<Integer> PROXIES = ConcurrentHashMap.newKeySet();
    private static final Set<Integer> SCRIPTED = ConcurrentHashMap.newKeySet();

    @AfterEach
    void forget() {
        BROKERS.clear();
        PROXIES.clear();
        SCRIPTED.clear();
    }

    private static TestExecutionSummary run(Class<?> tests) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(tests))
                                .build(),
                        listener);
        return listener.getSummary();
    }

    private static void connect(int port) throws IOException {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
    }

    private static void assertClosed(Set<Integer> ports) {
        for (int port : ports) {
            assertThatThrownBy(() -> connect(port)).isInstanceOf(IOException.class);
        }
    }

    @AmqpBroker
    static class Shared {
        @BeforeAll
        static void before(EmbeddedBroker broker) {
            BROKERS.add(broker.port());
        }

        private void use(EmbeddedBroker broker, FaultProxy proxy) throws IOException {
            BROKERS.add(broker.port());
            PROXIES.add(proxy.port());
            connect(proxy.port());
        }

        @Test
        void first(EmbeddedBroker broker, FaultProxy proxy) throws IOException {
            use(broker, proxy);
        }

        @Test
        void second(FaultProxy proxy, EmbeddedBroker broker, ScriptedBroker scripted) throws IOException {
            use(broker, proxy);
            SCRIPTED.add(scripted.port());
            connect(scripted.port());
        }

        @Nested
        class Inner {
            @Test
            void third(EmbeddedBroker broker, FaultProxy proxy) throws IOException {
                use(broker, proxy);
            }
        }
    }

    @Test
    void testsOfAClassShareABrokerAndHaveProxiesOfTheirOwn() {
        TestExecutionSummary summary = run(Shared.class);

        assertThat(summary.getFailures()).isEmpty();
        assertThat(summary.getTestsSucceededCount()).isEqualTo(3);
        assertThat(BROKERS).hasSize(1);
        assertThat(PROXIES).hasSize(3);
        assertThat(SCRIPTED).hasSize(1);
        assertClosed(BROKERS);
        assertClosed(PROXIES);
        assertClosed(SCRIPTED);
    }

    static class Own {
        @Test
        @AmqpBroker
        void first(EmbeddedBroker broker) {
            BROKERS.add(broker.port());
        }

        @Test
        @AmqpBroker
        void second(EmbeddedBroker broker) {
            BROKERS.add(broker.port());
        }

        @Test
        void without(EmbeddedBroker broker) {
            BROKERS.add(broker.port());
        }
    }

    @Test
    void aMethodWithTheAnnotationHasABrokerOfItsOwn() {
        TestExecutionSummary summary = run(Own.class);

        assertThat(summary.getTestsSucceededCount()).isEqualTo(2);
        assertThat(summary.getFailures()).hasSize(1);
        assertThat(summary.getFailures().get(0).getException()).hasMessageContaining("EmbeddedBroker");
        assertThat(BROKERS).hasSize(2);
        assertClosed(BROKERS);
    }
}

package dev.holdfast.internal.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Confirmation;
import dev.holdfast.PublishOptions;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ConfirmWindowRunTest {
    private final ConfirmWindow window = new ConfirmWindow();
    private final CompletionQueue completions = new CompletionQueue(null, new Counters());
    private final Segment first = new Segment(Unpooled.EMPTY_BUFFER);
    private final Segment second = new Segment(Unpooled.EMPTY_BUFFER);
    private final List<CompletableFuture<Confirmation>> futures = new ArrayList<>();

    @Test
    void aRunEndsAtTheRequestedPosition() {
        add(10, first);

        assertThat(window.plainRun(0, 4)).isEqualTo(5);
        assertThat(window.plainRun(3, 3)).isEqualTo(1);
    }

    @Test
    void aRunEndsWhereAnotherSegmentBegins() {
        add(3, first);
        add(3, second);

        assertThat(window.plainRun(0, 5)).isEqualTo(3);
        assertThat(window.plainRun(3, 5)).isEqualTo(3);
    }

    @Test
    void aRunEndsAtAFlagARetryOrAFreePlace() {
        add(6, first);
        window.set(2, ConfirmWindow.NACKED);
        window.attempts(4, 2);
        Segment unused = window.free(5);

        assertThat(window.plainRun(0, 5)).isEqualTo(2);
        assertThat(window.plainRun(2, 5)).isZero();
        assertThat(window.plainRun(3, 5)).isEqualTo(1);
        assertThat(window.plainRun(5, 5)).isZero();
    }

    @Test
    void aRunEndsWhereTheRingWraps() {
        add(200, first);
        window.freeRun(0, 200, completions);
        window.advance();
        add(200, first);

        assertThat(window.plainRun(200, 399)).isEqualTo(56);
        assertThat(window.plainRun(256, 399)).isEqualTo(144);
    }

    @Test
    void freedRunsAreConfirmedInOrder() {
        add(100, first);
        List<Integer> confirmed = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int number = i;
            CompletableFuture<Void> unused = futures.get(i).thenAccept(confirmation -> {
                assertThat(confirmation).isSameAs(Confirmation.ONE);
                confirmed.add(number);
            });
        }

        window.freeRun(0, 60, completions);
        window.freeRun(60, 40, completions);
        window.advance();
        assertThat(confirmed).isEmpty();
        completions.completeAll();

        assertThat(confirmed).hasSize(100).isSorted();
        assertThat(window.live()).isZero();
        assertThat(window.span()).isZero();
    }

    private void add(int messages, Segment segment) {
        for (int i = 0; i < messages; i++) {
            CompletableFuture<Confirmation> future = new CompletableFuture<>();
            futures.add(future);
            window.add(
                    future,
                    PublishOptions.defaults(),
                    segment,
                    0,
                    0,
                    ConfirmWindow.NO_DEADLINE,
                    ConfirmWindow.NO_DEADLINE);
            window.markAllSent();
        }
    }
}

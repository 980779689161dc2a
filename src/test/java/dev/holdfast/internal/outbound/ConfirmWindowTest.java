package dev.holdfast.internal.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Confirmation;
import dev.holdfast.PublishOptions;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ConfirmWindowTest {
    private final ConfirmWindow window = new ConfirmWindow();
    private final Segment segment = new Segment(Unpooled.EMPTY_BUFFER);

    @Test
    void messagesKeepTheirPositionsWhenTheRingGrows() {
        Random random = new Random(3);
        List<CompletableFuture<Confirmation>> all = new ArrayList<>();
        long oldest = 0;
        for (int i = 0; i < 5000; i++) {
            all.add(new CompletableFuture<>());
            window.add(all.get(i), PublishOptions.defaults(), segment, i, 1, i, i);
            while (oldest < i && random.nextInt(100) < 40) {
                window.free(oldest++);
                window.advance();
            }
        }
        assertThat(window.head()).isEqualTo(oldest);
        assertThat(window.live()).isEqualTo((int) (5000 - oldest));
        assertThat(segment.live).isEqualTo(5000);
        for (long position = oldest; position < 5000; position++) {
            assertThat(window.future(position)).isSameAs(all.get((int) position));
            assertThat(window.deadline(position)).isEqualTo(position);
        }
    }

    @Test
    void compactClosesGapsInOrder() {
        List<CompletableFuture<Confirmation>> all = fill(10);
        for (long position : new long[] {0, 3, 4, 9}) {
            window.free(position);
        }
        window.compact(window.head());

        assertThat(window.span()).isEqualTo(6);
        List<CompletableFuture<Confirmation>> remaining = new ArrayList<>();
        for (long position = window.head(); position < window.tail(); position++) {
            remaining.add(window.future(position));
        }
        assertThat(remaining).containsExactly(all.get(1), all.get(2), all.get(5), all.get(6), all.get(7), all.get(8));
    }

    @Test
    void messagesThatEndUnsentTakeNoTag() {
        List<CompletableFuture<Confirmation>> all = fill(4);
        window.restartTags();
        window.free(0);
        window.free(1);
        window.advance();

        assertThat(window.head()).isEqualTo(2);
        assertThat(window.unsent()).isEqualTo(2);
        assertThat(window.position(1)).as("the first message sent has tag 1").isEqualTo(2);
        assertThat(window.future(window.position(1))).isSameAs(all.get(2));
    }

    @Test
    void reportsWhatWasHandedToTheTransport() {
        window.add(new CompletableFuture<>(), PublishOptions.defaults(), segment, 0, 10, 1, 1);
        segment.transferred = 5;
        assertThat(window.isTransferStarted(0)).as("unsent").isFalse();
        window.markSentBefore(1);
        assertThat(window.isTransferStarted(0)).isTrue();
        assertThat(window.isTransferred(0)).isFalse();
        segment.transferred = 10;
        assertThat(window.isTransferred(0)).isTrue();
    }

    /** One message is retried before the ring grows, the other one after. */
    @Test
    void retryFieldsKeepTheirPositionsWhenTheRingGrows() {
        fill(300);
        retry(7);
        fill(1000);
        retry(900);
        window.compact(0);
        for (long position : new long[] {7, 900}) {
            assertThat(window.attempts(position)).isEqualTo((int) position);
            assertThat(window.retryAt(position)).isEqualTo(10 * position);
            assertThat(window.retryRound(position)).isEqualTo(position + 1);
        }
        assertThat(window.attempts(8)).isEqualTo(1);
        window.free(0);
        window.compact(0);
        assertThat(window.attempts(6)).isEqualTo(7);
        assertThat(window.retryAt(899)).isEqualTo(9000);
        assertThat(window.retryRound(899)).isEqualTo(901);
    }

    private void retry(long position) {
        window.attempts(position, (int) position);
        window.retry(position, 10 * position, position + 1);
    }

    private List<CompletableFuture<Confirmation>> fill(int count) {
        List<CompletableFuture<Confirmation>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(new CompletableFuture<>());
            window.add(all.get(i), PublishOptions.defaults(), segment, i, 1, i, i);
        }
        return all;
    }
}

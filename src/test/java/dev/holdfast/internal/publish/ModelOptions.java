package dev.holdfast.internal.publish;

import dev.holdfast.Declarable;
import dev.holdfast.Exchange;
import dev.holdfast.PublishOptions;
import dev.holdfast.RetryPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** Generates random options and body sizes. The routing key is the number of the message. */
final class ModelOptions {
    /** Upper limit of the size of a segment in a schedule. */
    static final int MAX_SEGMENT_BYTES = 128 * 1024;

    private static final String LONG_HEADER = "x".repeat(5000);
    private static final RetryPolicy WITHOUT_DELAY = RetryPolicy.linear(Duration.ZERO, Duration.ZERO, Duration.ZERO);
    private static final RetryPolicy WITH_DELAY =
            RetryPolicy.linear(Duration.ZERO, Duration.ofMillis(400), Duration.ofSeconds(2));
    private static final RetryPolicy WITH_LONG_DELAY =
            RetryPolicy.linear(Duration.ofSeconds(2), Duration.ZERO, Duration.ofSeconds(2));
    private static final List<List<Declarable>> DECLARATIONS =
            List.of(List.of(Exchange.direct("d0")), List.of(Exchange.direct("d1")));

    private final Random random;

    /** How many of 1,000 messages make the broker close. */
    private final int poisonPerThousand;

    /**
     * Whether nacked messages fill the bound on bytes: bodies are large, most confirms are nacks, delays are long, and
     * faults are rare.
     */
    final boolean nacking;

    ModelOptions(Random random) {
        this.random = random;
        this.nacking = random.nextInt(8) == 0;
        this.poisonPerThousand = random.nextBoolean() || nacking ? 0 : 20 + random.nextInt(100);
    }

    /** A bound on bytes that bodies reach quickly if they are large. */
    long maxUnconfirmedBytes() {
        return nacking || random.nextInt(4) == 0 ? 100_000 + random.nextInt(300_000) : 10_000_000;
    }

    ModelMessage.Poison poison() {
        return random.nextInt(1000) >= poisonPerThousand
                ? ModelMessage.Poison.NONE
                : random.nextBoolean() ? ModelMessage.Poison.CHANNEL : ModelMessage.Poison.CONNECTION;
    }

    /** How many of 100 confirms are nacks. */
    int nackPercent() {
        return nacking ? 80 : 20;
    }

    PublishOptions next(int id) {
        PublishOptions options = PublishOptions.to("x" + random.nextInt(4), Integer.toString(id))
                .mandatory(random.nextInt(4) == 0)
                .immediate(random.nextInt(30) == 0)
                .retry(policy());
        if (random.nextInt(5) == 0) {
            options = options.declare(DECLARATIONS.get(random.nextInt(2)));
        }
        if (random.nextInt(4) == 0) {
            options = options.timeout(Duration.ofMillis(1 + random.nextInt(5000)));
        }
        if (random.nextInt(4) == 0) {
            options = options.confirmTimeout(Duration.ofMillis(1 + random.nextInt(2000)));
        }
        return random.nextInt(poisonPerThousand == 0 ? 50 : 12) == 0
                ? options.messageId("m").header("long", LONG_HEADER)
                : options;
    }

    /** For a thread that waits for room: it waits in real time, for which the time limits of others are too short. */
    PublishOptions nextOnThread(int id) {
        return next(id).timeout(null).confirmTimeout(null);
    }

    boolean largeHeader(PublishOptions options) {
        return options.properties().messageId() != null;
    }

    private RetryPolicy policy() {
        return switch (nacking ? 3 : random.nextInt(5)) {
            case 0 -> WITHOUT_DELAY.maxRetries(random.nextInt(4));
            case 1, 2 -> WITH_DELAY.maxRetries(1 + random.nextInt(3));
            case 3 -> WITH_LONG_DELAY.maxRetries(1 + random.nextInt(3));
            default -> RetryPolicy.none();
        };
    }

    int size() {
        if (nacking && random.nextBoolean()) {
            return 10_000 + random.nextInt(80_000);
        }
        return switch (random.nextInt(100)) {
            case 0 -> 0;
            case 1 -> 66_000 + random.nextInt(30_000);
            case 2, 3 -> 4096 - 8 + random.nextInt(3) - 1;
            case 4 -> 2 * (4096 - 8);
            case 5, 6 -> random.nextInt(20_000);
            default -> 1 + random.nextInt(200);
        };
    }
}

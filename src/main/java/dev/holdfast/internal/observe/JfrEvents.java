package dev.holdfast.internal.observe;

import java.time.Duration;
import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * Commits events to Java Flight Recorder. {@link ConnectionEvents} uses this class only when the module jdk.jfr is
 * present. Thread-safe.
 */
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields
final class JfrEvents {
    private static final SlowConfirm SLOW_CONFIRM = new SlowConfirm("", 0);

    private JfrEvents() {}

    static void connect(String address) {
        new Connect(address).commit();
    }

    static void close(String address, Object cause) {
        new Close(address, cause.toString()).commit();
    }

    static void blocked(String reason, Duration time) {
        new Blocked(reason, time.toNanos()).commit();
    }

    static void retry(Object cause, Duration delay) {
        new Retry(cause.toString(), delay.toNanos()).commit();
    }

    static void replay(int messages) {
        new Replayed(messages).commit();
    }

    static boolean isSlowConfirmEnabled() {
        return SLOW_CONFIRM.isEnabled();
    }

    static void slowConfirm(String exchange, Duration latency) {
        new SlowConfirm(exchange, latency.toNanos()).commit();
    }

    @Name("dev.holdfast.Connect")
    @Label("Connect")
    @Category("Holdfast")
    @StackTrace(false)
    private static final class Connect extends Event {
        final String address;

        Connect(String address) {
            this.address = address;
        }
    }

    @Name("dev.holdfast.Close")
    @Label("Close")
    @Category("Holdfast")
    @StackTrace(false)
    private static final class Close extends Event {
        final String address;
        final String cause;

        Close(String address, String cause) {
            this.address = address;
            this.cause = cause;
        }
    }

    @Name("dev.holdfast.Blocked")
    @Label("Blocked")
    @Category("Holdfast")
    @StackTrace(false)
    private static final class Blocked extends Event {
        final String reason;

        @Timespan
        final long time;

        Blocked(String reason, long time) {
            this.reason = reason;
            this.time = time;
        }
    }

    @Name("dev.holdfast.Retry")
    @Label("Retry")
    @Category("Holdfast")
    @StackTrace(false)
    private static final class Retry extends Event {
        final String cause;

        @Timespan
        final long delay;

        Retry(String cause, long delay) {
            this.cause = cause;
            this.delay = delay;
        }
    }

    @Name("dev.holdfast.Replay")
    @Label("Replay")
    @Category("Holdfast")
    @StackTrace(false)
    private static final class Replayed extends Event {
        final int messages;

        Replayed(int messages) {
            this.messages = messages;
        }
    }

    @Name("dev.holdfast.SlowConfirm")
    @Label("Slow confirm")
    @Category("Holdfast")
    @StackTrace(false)
    private static final class SlowConfirm extends Event {
        final String exchange;

        @Timespan
        final long latency;

        SlowConfirm(String exchange, long latency) {
            this.exchange = exchange;
            this.latency = latency;
        }
    }
}

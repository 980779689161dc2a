package dev.holdfast.cli;

import dev.holdfast.cli.publish.PublishSummary;
import java.util.List;
import java.util.Locale;

/**
 * What happened in a demo.
 *
 * @param cutAt after how many messages the connection was cut
 * @param connections how many connections were made in all
 * @param distinct how many different messages were consumed
 * @param duplicates how many came again
 * @param consumeSeconds how long that took
 */
record DemoResult(
        int port,
        int cutAt,
        long connections,
        PublishSummary published,
        long distinct,
        long duplicates,
        double consumeSeconds) {

    /** Whether every message was confirmed and consumed. */
    boolean complete() {
        return published.allConfirmed() && distinct == published.published();
    }

    /** The story for people. */
    List<String> lines() {
        PublishSummary p = published;
        return List.of(
                line("broker     Apache Qpid Broker-J in this process, on 127.0.0.1:%d", port),
                line("published  %,d JSON messages, with confirms and retry", p.published()),
                line(
                        "cut        the connection after message %,d; %,d connections in all, %,d messages sent again",
                        cutAt, connections, p.retried()),
                line(
                        "confirmed  %,d (%,d returned, %,d nacked, %,d failed) in %.3f s: %,.0f messages/s",
                        p.confirmed(), p.returned(), p.nacked(), p.failed(), p.seconds(), p.messagesPerSecond()),
                line(
                        "consumed   %,d different messages, %,d missing, in %.3f s",
                        distinct, p.published() - distinct, consumeSeconds),
                line(
                        "duplicates %,d%s",
                        duplicates,
                        duplicates == 0 ? "" : " (the cut took their confirmation, so they were sent again)"));
    }

    private static String line(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}

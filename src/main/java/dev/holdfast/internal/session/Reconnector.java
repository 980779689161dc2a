package dev.holdfast.internal.session;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.AuthenticationFailedException;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.internal.concurrent.Steps;
import dev.holdfast.internal.eventloop.NettyTransport;
import dev.holdfast.internal.transport.ConnectErrors;
import dev.holdfast.internal.transport.Link;
import dev.holdfast.internal.transport.LinkListener;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connects, in rounds over all addresses with an exponential, jittered delay between rounds. No other type of a session
 * decides when to connect. Each round tries each address once, and resolves its name anew.
 *
 * <pre>
 *   start ──► {@link ConnectRound} ──► linked
 *              ▲        │ all failed
 *              └─delay──┘   given up: refused before the first link, or while nothing waits; reconnectLimit is over
 * </pre>
 *
 * Once a link was open, the options are known to be good: whatever refuses them then (a login, a virtual host, a
 * certificate) may pass, and a round follows as long as something waits for a link.
 *
 * Event loop only.
 */
final class Reconnector {
    /** A link that lives shorter does not reset the delay between rounds. */
    private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /**
     * Logins that the broker may end without a reply before that counts as a refusal; until then the network may have
     * ended them.
     */
    private static final int MAX_SILENT_LOGINS = 3;

    /** Most sockets, that of the current link included. The oldest waits no longer for the peer to close it. */
    private static final int MAX_SOCKETS = 8;

    private final EventLoop loop;
    private final NettyTransport transport;
    private final ConnectionOptions options;
    private final ConnectLookups lookups;
    private final Ticker ticker;
    private final AddressSelector addresses;
    private int failures;
    private boolean running;
    private boolean stopped;
    private boolean linkedBefore;
    private long linkedAt;
    private int silentLogins;

    /** When the rounds since the last stable link began. */
    private long startedAt;

    /** The current link, and earlier ones whose socket is not closed yet. */
    private final List<Link> links = new ArrayList<>();

    private @Nullable Future<Link> round;

    /** Receives the outcome of the rounds, and the events of the link. Called on the event loop. */
    interface Listener extends LinkListener {
        /** A link is open. */
        void linked(Link link);

        /** Whether something waits for a link: a consumer, a publish, a call. */
        boolean isLinkAwaited();

        /** All addresses failed; another round follows. The cause is recoverable. */
        void roundFailed(AmqpException cause);

        /** All addresses failed, and no round follows. The cause is not recoverable. */
        void refused(AmqpException cause);
    }

    Reconnector(EventLoop loop, NettyTransport transport, ConnectionOptions options) {
        this.loop = loop;
        this.transport = transport;
        this.options = options;
        this.lookups = new ConnectLookups(options);
        this.ticker = loop.ticker();
        this.addresses = new AddressSelector(options);
    }

    /**
     * Begins a round, after a delay unless the last link was stable. Does nothing while a round runs, or once
     * stopped.
     */
    void start(Listener listener) {
        if (running || stopped) {
            return;
        }
        running = true;
        if (linkedBefore && ticker.nanoTime() - linkedAt > STABLE_NANOS) {
            failures = 0;
            startedAt = ticker.nanoTime();
        }
        if (failures > 0) {
            delayRound(listener);
        } else {
            round(listener);
        }
    }

    /** Begins no more rounds, and drops links that only wait for the peer to close the socket. */
    void stop() {
        stopped = true;
        links.forEach(Link::closeLingeringSocket);
        if (round != null) {
            round.cancel(false);
        }
    }

    private void round(Listener listener) {
        if (stopped) {
            return;
        }
        Future<Link> current = connect(listener);
        round = current;
        current.addListener(done -> {
            round = null;
            if (current.isSuccess()) {
                linked(current.getNow(), listener);
            } else if (!stopped) {
                roundOver(typed(current.cause()), listener);
            }
        });
    }

    private Future<Link> connect(Listener listener) {
        try {
            return new ConnectRound(loop, transport, lookups, listener).start(addresses.round());
        } catch (RuntimeException | Error e) { // such as a lack of memory: it must not end the rounds
            return loop.newFailedFuture(e);
        }
    }

    private void linked(Link link, Listener listener) {
        running = false;
        if (stopped) {
            link.abort(new AmqpConnectionException("connection is closed", null, 0, Initiator.CLIENT, false));
            return;
        }
        links.removeIf(Link::isSocketClosed);
        if (links.size() == MAX_SOCKETS) {
            links.remove(0).closeLingeringSocket();
        }
        links.add(link);
        addresses.linked(link.address());
        linkedAt = ticker.nanoTime();
        startedAt = linkedBefore ? startedAt : linkedAt;
        linkedBefore = true;
        failures++;
        listener.linked(link);
    }

    /**
     * Types a failure. A broker that closes the socket without a reply during the login may have refused it, or the
     * network may have ended it. It counts as a refusal after {@link #MAX_SILENT_LOGINS}.
     */
    private AmqpException typed(Throwable cause) {
        if (cause instanceof AuthenticationFailedException refused
                && refused.recoverable()
                && ++silentLogins == MAX_SILENT_LOGINS) {
            silentLogins = 0;
            return new AuthenticationFailedException(String.valueOf(refused.getMessage()), cause);
        }
        return cause instanceof AmqpException amqpCause
                ? amqpCause
                : new ConnectFailedException("cannot connect: " + cause, cause, true);
    }

    private void roundOver(AmqpException cause, Listener listener) {
        boolean refused = !cause.recoverable();
        if (linkedBefore && limitLeft() <= 0) {
            String message = "no connection within reconnectLimit " + options.reconnectLimit() + ": ";
            giveUp(ConnectErrors.copy(cause, message + cause.getMessage(), false), listener);
        } else if (refused && !(linkedBefore && listener.isLinkAwaited())) {
            giveUp(cause, listener);
        } else {
            failures++;
            AmqpException retried =
                    refused ? ConnectErrors.copy(cause, String.valueOf(cause.getMessage()), true) : cause;
            Steps.runAll(() -> listener.roundFailed(retried));
            delayRound(listener);
        }
    }

    private void giveUp(AmqpException cause, Listener listener) {
        running = false;
        listener.refused(cause);
    }

    private long limitLeft() {
        return options.reconnectLimit().toNanos() - (ticker.nanoTime() - startedAt);
    }

    /** Schedules a round; the last one at the reconnect limit. */
    private void delayRound(Listener listener) {
        long delay = backoffNanos(options.reconnectDelayMin(), options.reconnectDelayMax(), failures);
        long jittered = delay / 2 + ThreadLocalRandom.current().nextLong(delay / 2 + 1);
        long left = limitLeft();
        long bounded = linkedBefore && left > 0 ? Math.min(jittered, left) : jittered; // links that open may still fail
        loop.schedule(() -> round(listener), bounded, TimeUnit.NANOSECONDS);
    }

    /** The delay without jitter after this many failures in a row: min, doubled after the first, up to max. */
    static long backoffNanos(Duration min, Duration max, int failures) {
        long first = min.toNanos();
        int doublings = Math.min(failures - 1, Long.numberOfLeadingZeros(first) - 1);
        return Math.min(max.toNanos(), first << doublings);
    }
}

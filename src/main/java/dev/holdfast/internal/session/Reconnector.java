package dev.holdfast.internal.session;

import dev.holdfast.Address;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.AuthenticationFailedException;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.internal.transport.ConnectLookups;
import dev.holdfast.internal.concurrent.Steps;
import dev.holdfast.internal.transport.Link;
import dev.holdfast.internal.transport.LinkListener;
import dev.holdfast.internal.transport.NettyTransport;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connects, in rounds over all addresses with an exponential, jittered delay between rounds. No other type of a session
 * decides when to connect. Each round tries each address once, and resolves its name anew.
 *
 * <pre>
 *   start ──► round: address, address, ... ──► linked
 *              ▲        │ all failed
 *              └─delay──┘   (no failure is recoverable: refused)
 * </pre>
 *
 * Event loop only.
 */
final class Reconnector {
    /** A link that lives shorter does not reset the delay between rounds. */
    private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /**
     * Logins that the broker may end in a row without a reply before that counts as a refusal; until then the network
     * may have ended them.
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

    /** The current link, and earlier ones whose socket is not closed yet. */
    private final List<Link> links = new ArrayList<>();

    private @Nullable Future<Link> attempt;

    /** Receives the outcome of the rounds, and the events of the link. Called on the event loop. */
    interface Listener extends LinkListener {
        /** A link is open. */
        void linked(Link link);

        /** All addresses failed; another round follows. */
        void roundFailed(AmqpException cause);

        /** All addresses failed in ways that another round does not recover from; no round follows. */
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
        if (attempt != null) {
            attempt.cancel(false);
        }
    }

    private void round(Listener listener) {
        tryNext(addresses.round().iterator(), null, listener);
    }

    private void tryNext(Iterator<Address> untried, @Nullable AmqpException failure, Listener listener) {
        if (stopped) {
            return;
        }
        if (!untried.hasNext()) {
            roundOver(
                    failure == null ? new ConnectFailedException("no address to connect to", null, false) : failure,
                    listener);
            return;
        }
        Address address = untried.next();
        Future<Link> current = connect(address, listener);
        attempt = current;
        current.addListener(done -> {
            attempt = null;
            if (current.isSuccess()) {
                linked(current.getNow(), listener);
            } else {
                tryNext(untried, worse(failure, typed(current.cause(), address)), listener);
            }
        });
    }

    private Future<Link> connect(Address address, Listener listener) {
        try {
            return Link.connect(loop, transport, address, lookups, listener);
        } catch (RuntimeException | Error e) { // such as a lack of memory: it must not end the rounds
            return loop.newFailedFuture(e);
        }
    }

    /**
     * The failure of a round: the last recoverable one if there is one, else the last, with the others suppressed in
     * it.
     */
    private static AmqpException worse(@Nullable AmqpException previous, AmqpException current) {
        if (previous == null || previous == current) {
            return current;
        }
        boolean keepPrevious = previous.recoverable() && !current.recoverable();
        AmqpException kept = keepPrevious ? previous : current;
        kept.addSuppressed(keepPrevious ? current : previous);
        return kept;
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
        linkedBefore = true;
        linkedAt = ticker.nanoTime();
        failures++;
        listener.linked(link);
    }

    /**
     * Types a failure. A broker that closes the socket without a reply during the login may have refused it, or the
     * network may have ended it. It counts as a refusal after {@link #MAX_SILENT_LOGINS}, unless a login has
     * succeeded before.
     */
    private AmqpException typed(Throwable cause, Address address) {
        if (cause instanceof AuthenticationFailedException refused && refused.recoverable()) {
            if (linkedBefore) {
                return new ConnectFailedException(
                        address + " closed the connection during a login that has succeeded before", cause, true);
            }
            if (++silentLogins == MAX_SILENT_LOGINS) {
                silentLogins = 0;
                return new AuthenticationFailedException(String.valueOf(refused.getMessage()), cause);
            }
        }
        return cause instanceof AmqpException amqpCause
                ? amqpCause
                : new ConnectFailedException(
                        "cannot connect to " + address + ": " + cause,
                        cause,
                        // Bad options stay bad, unless they have worked before: the next token may be shorter.
                        linkedBefore || !(cause instanceof IllegalArgumentException));
    }

    private void roundOver(AmqpException cause, Listener listener) {
        if (!cause.recoverable()) {
            running = false;
            listener.refused(cause);
            return;
        }
        failures++;
        Steps.runAll(() -> listener.roundFailed(cause));
        delayRound(listener);
    }

    private void delayRound(Listener listener) {
        long delay = backoffNanos(options.reconnectDelayMin(), options.reconnectDelayMax(), failures);
        long jittered = delay / 2 + ThreadLocalRandom.current().nextLong(delay / 2 + 1);
        loop.schedule(() -> round(listener), jittered, TimeUnit.NANOSECONDS);
    }

    /** The delay without jitter after this many failures in a row: min, doubled after the first, up to max. */
    static long backoffNanos(Duration min, Duration max, int failures) {
        long first = min.toNanos();
        int doublings = Math.min(failures - 1, Long.numberOfLeadingZeros(first) - 1);
        return Math.min(max.toNanos(), first << doublings);
    }
}

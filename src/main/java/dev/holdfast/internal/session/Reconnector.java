package dev.holdfast.internal.session;

import dev.holdfast.Address;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.AuthenticationFailedException;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.internal.transport.Link;
import dev.holdfast.internal.transport.LinkListener;
import dev.holdfast.internal.transport.NettyTransport;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decides when to connect, and nobody else does: rounds over all addresses, each tried once, with an exponential and
 * jittered pause between rounds. Names are resolved anew in each.
 *
 * <pre>
 *   start ──► round: address, address, ... ──► linked
 *              ▲        │ all failed
 *              └─pause──┘   (none of them recoverable: refused)
 * </pre>
 *
 * Event loop only.
 */
final class Reconnector {
    /** A link that lived shorter does not count as a recovery: the pauses go on growing. */
    private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A login that ends without a word so often has been refused; before that the network may have ended it. */
    private static final int WORDLESS_LOGINS = 3;

    private final EventLoop loop;
    private final NettyTransport transports;
    private final ConnectionOptions options;
    private final Listener listener;
    private final AddressSelector addresses;
    private int failures;
    private boolean running;
    private boolean stopped;
    private long linkedAt;
    private int wordlessLogins;

    /** What becomes of the rounds. All on the event loop. */
    interface Listener extends LinkListener {
        /** A link is open. */
        void linked(Link link);

        /** All addresses failed; another round follows. */
        void roundFailed(AmqpException cause);

        /** All addresses failed in ways that another round does not mend; nothing follows. */
        void refused(AmqpException cause);
    }

    /** The present one, and those before it whose socket is not closed yet. */
    private final List<Link> links = new ArrayList<>();

    private @Nullable Future<Link> connecting;

    Reconnector(EventLoop loop, NettyTransport transports, ConnectionOptions options, Listener listener) {
        this.loop = loop;
        this.transports = transports;
        this.options = options;
        this.listener = listener;
        this.addresses = new AddressSelector(options);
    }

    /** Begins a round now, unless one is under way. */
    void start() {
        if (running || stopped) {
            return;
        }
        running = true;
        boolean stable = linkedAt != 0 && System.nanoTime() - linkedAt > STABLE_NANOS;
        if (stable) {
            failures = 0;
        }
        if (failures > 0) {
            pause();
        } else {
            round();
        }
    }

    /** No more rounds; links that are over and wait for the peer's last word wait no longer. */
    void stop() {
        stopped = true;
        links.forEach(Link::closeLingeringSocket);
        if (connecting != null) {
            connecting.cancel(false);
        }
    }

    private void round() {
        tryNext(addresses.round().iterator(), null);
    }

    private void tryNext(Iterator<Address> rest, @Nullable AmqpException failure) {
        if (stopped) {
            return;
        }
        if (!rest.hasNext()) {
            roundOver(failure == null ? new ConnectFailedException("no address to connect to", null, false) : failure);
            return;
        }
        Address address = rest.next();
        Future<Link> attempt = Link.connect(loop, transports, address, options, listener);
        connecting = attempt;
        attempt.addListener(done -> {
            connecting = null;
            if (attempt.isSuccess()) {
                linked(attempt.getNow());
            } else {
                tryNext(rest, worse(failure, typed(attempt.cause(), address)));
            }
        });
    }

    /** One failure stands for its round: the last that another round may mend, with the others attached. */
    private static AmqpException worse(@Nullable AmqpException before, AmqpException now) {
        if (before == null || before == now) {
            return now;
        }
        boolean keep = before.recoverable() && !now.recoverable();
        AmqpException kept = keep ? before : now;
        kept.addSuppressed(keep ? now : before);
        return kept;
    }

    private void linked(Link link) {
        running = false;
        if (stopped) {
            link.abort(new AmqpConnectionException(
                    "connection is closed", null, 0, AmqpConnectionException.Initiator.CLIENT, false));
            return;
        }
        links.removeIf(Link::isSocketClosed);
        links.add(link);
        addresses.linked(link.address());
        linkedAt = System.nanoTime();
        failures++;
        listener.linked(link);
    }

    /**
     * A broker that ends the socket without a word during the login may have refused it, or the network has ended it. The
     * first it is when it goes on and on, unless a login has succeeded before.
     */
    private AmqpException typed(Throwable cause, Address address) {
        if (cause instanceof AuthenticationFailedException refused && refused.recoverable()) {
            if (linkedAt != 0) {
                return new ConnectFailedException(
                        address + " closed the connection during a login that has succeeded before", cause, true);
            }
            if (++wordlessLogins == WORDLESS_LOGINS) {
                wordlessLogins = 0;
                return new AuthenticationFailedException(String.valueOf(refused.getMessage()), cause);
            }
        }
        return cause instanceof AmqpException known
                ? known
                : new ConnectFailedException(
                        "cannot connect to " + address + ": " + cause,
                        cause,
                        // options at fault stay so, unless they have worked: another token may be shorter
                        linkedAt != 0 || !(cause instanceof IllegalArgumentException));
    }

    private void roundOver(AmqpException cause) {
        if (!cause.recoverable()) {
            running = false;
            listener.refused(cause);
            return;
        }
        failures++;
        listener.roundFailed(cause);
        pause();
    }

    private void pause() {
        long min = options.reconnectDelayMin().toNanos();
        long max = options.reconnectDelayMax().toNanos();
        long full = Math.min(max, min << Math.min(failures - 1, 20));
        long jittered = full / 2 + ThreadLocalRandom.current().nextLong(full / 2 + 1);
        loop.schedule(this::round, jittered, TimeUnit.NANOSECONDS);
    }
}

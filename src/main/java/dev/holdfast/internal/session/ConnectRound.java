package dev.holdfast.internal.session;

import static java.util.Objects.requireNonNull;

import dev.holdfast.Address;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.internal.eventloop.NettyTransport;
import dev.holdfast.internal.state.AddressRace;
import dev.holdfast.internal.transport.ConnectErrors;
import dev.holdfast.internal.transport.ConnectInputs;
import dev.holdfast.internal.transport.ConnectProgress;
import dev.holdfast.internal.transport.ConnectTarget;
import dev.holdfast.internal.transport.Link;
import dev.holdfast.internal.transport.LinkListener;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Connects to one of several brokers: retrieves credentials and TLS files, then tries the addresses in the order of an
 * {@link AddressRace}. The race ends when a broker answers the protocol header. Its login follows; credentials are sent
 * to one broker at a time. TCP alone does not end the race, because a proxy may accept for a broker that is stuck.
 *
 * <p>Lookups run on threads of their own, which are interrupted when the round ends. Everything else runs on the event
 * loop.
 */
final class ConnectRound implements AddressRace.Runner<ConnectRound.Target> {
    private final EventLoop loop;
    private final NettyTransport transport;
    private final ConnectLookups lookups;
    private final LinkListener listener;
    private final Promise<Link> promise;
    private final Map<Target, AmqpException> failures = new LinkedHashMap<>();

    /** The lookups of this round by name: brokers on several ports of a host share one. */
    private final Map<String, Promise<Set<InetAddress>>> names = new HashMap<>();

    private @Nullable AddressRace<Target> race;
    private @Nullable ConnectInputs inputs;

    /** A broker; with a socket address once that is known. */
    record Target(Address broker, @Nullable ConnectTarget socket) {}

    /** A call that may block. */
    private interface Lookup<V> {
        /** @param step receives the name of each lookup that begins */
        V get(Consumer<String> step) throws Exception;
    }

    ConnectRound(EventLoop loop, NettyTransport transport, ConnectLookups lookups, LinkListener listener) {
        this.loop = loop;
        this.transport = transport;
        this.lookups = lookups;
        this.listener = listener;
        this.promise = loop.newPromise();
    }

    /**
     * Starts to connect. The future fails with an {@link AmqpException} that names each address with its reason.
     * Cancelling it ends all attempts.
     */
    Future<Link> start(List<Address> brokers) {
        promise.addListener(done -> {
            if (race != null) {
                race.stop();
            }
        });
        lookUp(brokers.get(0), lookups::inputs).addListener((Future<ConnectInputs> found) -> {
            if (promise.isDone()) {
                return;
            }
            if (found.isSuccess()) {
                inputs = found.getNow();
                List<Target> targets =
                        brokers.stream().map(ConnectRound::target).toList();
                race = new AddressRace<>(targets, this, this::schedule);
                race.startNext();
            } else {
                promise.tryFailure(ConnectErrors.inputs(brokers.get(0).toString(), found.cause()));
            }
        });
        return promise;
    }

    private Runnable schedule(Runnable task, long delayNanos) {
        Future<?> timer = loop.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        return () -> timer.cancel(false);
    }

    private static Target target(Address broker) {
        InetAddress literal = ConnectLookups.literal(broker.host());
        return new Target(broker, literal == null ? null : new ConnectTarget(broker, literal, false));
    }

    @Override
    public @Nullable Runnable start(Target target) {
        if (target.socket() != null) {
            return connect(target, target.socket());
        }
        Address broker = target.broker();
        names.computeIfAbsent(broker.host(), host -> lookUp(broker, step -> lookups.addresses(host, step)))
                .addListener((Future<Set<InetAddress>> found) -> {
                    if (promise.isDone() || race == null) {
                        return;
                    }
                    if (found.isSuccess()) {
                        race.lookedUp(target, sockets(broker, found.getNow()));
                    } else {
                        failed(target, ConnectErrors.inputs(broker.toString(), found.cause()));
                    }
                });
        return null;
    }

    private static List<Target> sockets(Address broker, Collection<InetAddress> addresses) {
        boolean several = addresses.size() > 1;
        List<InetAddress> order =
                AddressRace.interleaved(addresses, address -> address.getAddress().length, ThreadLocalRandom.current());
        return order.stream()
                .map(ip -> new Target(broker, new ConnectTarget(broker, ip, several)))
                .toList();
    }

    private Runnable connect(Target target, ConnectTarget socket) {
        Future<Link> attempt = attempt(target, socket);
        attempt.addListener(done -> {
            if (attempt.isSuccess()) {
                if (!promise.trySuccess(attempt.getNow())) {
                    attempt.getNow()
                            .abort(new AmqpConnectionException(
                                    "connection is closed", null, 0, Initiator.CLIENT, false));
                }
            } else if (!attempt.isCancelled() && !promise.isDone()) {
                failed(target, typed(attempt.cause(), socket));
            }
        });
        return () -> attempt.cancel(false);
    }

    private Future<Link> attempt(Target target, ConnectTarget socket) {
        ConnectProgress progress = new ConnectProgress() {
            @Override
            public void connected() {
                requireNonNull(race).connected();
            }

            @Override
            public void answered() {
                requireNonNull(race).answered(target);
            }
        };
        try {
            return Link.connect(loop, transport, socket, requireNonNull(inputs), progress, listener);
        } catch (RuntimeException | Error e) { // such as a lack of memory: it must not end the round
            return loop.newFailedFuture(e);
        }
    }

    private static AmqpException typed(Throwable cause, ConnectTarget target) {
        return cause instanceof AmqpException amqpCause
                ? amqpCause
                : new ConnectFailedException(
                        "cannot connect to " + target + ": " + cause,
                        cause,
                        !(cause instanceof IllegalArgumentException)); // bad options stay bad
    }

    private void failed(Target target, AmqpException cause) {
        failures.put(target, cause);
        requireNonNull(race).failed(target);
    }

    @Override
    public void allFailed() {
        promise.tryFailure(ConnectErrors.together(List.copyOf(failures.values())));
    }

    /** Runs a lookup on a thread of its own, within connectTimeout. */
    private <V> Promise<V> lookUp(Address broker, Lookup<V> lookup) {
        Promise<V> found = loop.newPromise();
        AtomicReference<String> step = new AtomicReference<>("");
        Thread thread = new Thread(
                () -> {
                    try {
                        boolean unused = found.trySuccess(lookup.get(step::set));
                    } catch (Throwable e) {
                        boolean unused = found.tryFailure(e);
                    }
                },
                "holdfast-lookup-" + broker);
        thread.setDaemon(true);
        Duration limit = lookups.options().connectTimeout();
        Runnable cancelTimer = schedule(
                () -> found.tryFailure(ConnectErrors.timeout(broker.toString(), limit, String.valueOf(step.get()))),
                limit.toNanos());
        found.addListener(done -> {
            cancelTimer.run();
            thread.interrupt();
        });
        promise.addListener(done -> found.cancel(false));
        try {
            thread.start();
        } catch (Throwable e) { // a temporary lack of threads must not end the reconnecting
            found.tryFailure(new ConnectFailedException("no thread to connect to " + broker + ": " + e, e, true));
        }
        return found;
    }
}

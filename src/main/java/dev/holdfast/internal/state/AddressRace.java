package dev.holdfast.internal.state;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Random;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Decides when the attempts of a connect round start, as RFC 8305 says: each a delay after the one before, or as soon
 * as one fails. The first target that answers leads: it alone may log in, and the other attempts end. They start again
 * if the leader fails.
 *
 * <pre>
 *   untried ──start──► running ──answered──► leader ──► its link, and stop
 *      ▲                │   │                  │
 *      └─another leads──┘   └──────failed──────┴─────► never tried again
 * </pre>
 *
 * Not thread-safe.
 *
 * @param <T> a target: an address, or a name to look up
 */
public final class AddressRace<T> {
    /** RFC 8305, section 5: Connection Attempt Delay. */
    static final long ATTEMPT_DELAY_NANOS = 250_000_000;

    /**
     * Delay after TCP has connected. The peer is reachable; TLS and the first answer take it some round trips, longer
     * under load. A server that accepts and stays silent costs this delay.
     */
    static final long ANSWER_DELAY_NANOS = 2_000_000_000;

    /** Starts and ends attempts. */
    public interface Runner<T> {
        /**
         * Starts an attempt.
         *
         * @return what cancels it, after which it reports nothing; null for a lookup, which another leader does not end
         */
        @Nullable
        Runnable start(T target);

        /** Every target has failed. */
        void allFailed();
    }

    /** Runs a task after a delay. */
    public interface Timer {
        /** Returns what cancels the task. */
        Runnable schedule(Runnable task, long delayNanos);
    }

    private final Deque<T> untried;
    private final Map<T, @Nullable Runnable> running = new LinkedHashMap<>();
    private final Runner<T> runner;
    private final Timer timer;
    private Runnable cancelNext = AddressRace::nothing;
    private @Nullable T leader;
    private boolean stopped;

    /** Creates the race of these targets, which differ from each other. */
    public AddressRace(Collection<T> targets, Runner<T> runner, Timer timer) {
        this.untried = new ArrayDeque<>(targets);
        this.runner = runner;
        this.timer = timer;
    }

    /** Starts the next attempt, unless a target leads. */
    public void startNext() {
        cancelNext.run();
        cancelNext = AddressRace::nothing;
        if (stopped || leader != null) {
            return;
        }
        T target = untried.poll();
        if (target == null) {
            if (running.isEmpty()) {
                stopped = true;
                runner.allFailed();
            }
            return;
        }
        running.put(target, null);
        startNextAfter(ATTEMPT_DELAY_NANOS);
        Runnable cancel = runner.start(target);
        if (cancel != null && running.containsKey(target)) { // it may have failed already
            running.put(target, cancel);
        }
    }

    private void startNextAfter(long delayNanos) {
        cancelNext.run();
        cancelNext = stopped || leader != null || untried.isEmpty()
                ? AddressRace::nothing
                : timer.schedule(this::startNext, delayNanos);
    }

    /** The lookup of a name has these results, which take its place. */
    public void lookedUp(T name, List<T> addresses) {
        running.remove(name);
        untriedFirst(addresses);
        startNext();
    }

    private void untriedFirst(List<T> targets) {
        for (int i = targets.size() - 1; i >= 0; i--) {
            untried.addFirst(targets.get(i));
        }
    }

    /** TCP is connected to a target: it gets time to answer. */
    public void connected() {
        startNextAfter(ANSWER_DELAY_NANOS);
    }

    /** A running target has answered: it leads. */
    public void answered(T target) {
        leader = target;
        cancelNext.run();
        cancelNext = AddressRace::nothing;
        List<T> others = new ArrayList<>();
        for (Entry<T, @Nullable Runnable> attempt : running.entrySet()) {
            if (attempt.getValue() != null && !attempt.getKey().equals(target)) {
                others.add(attempt.getKey());
            }
        }
        untriedFirst(others);
        others.forEach(this::cancel);
    }

    private void cancel(T target) {
        Runnable cancel = running.remove(target);
        if (cancel != null) {
            cancel.run();
        }
    }

    /** An attempt has failed: the next one starts at once. */
    public void failed(T target) {
        running.remove(target);
        if (target.equals(leader)) {
            leader = null;
        }
        startNext();
    }

    /** Ends all attempts. */
    public void stop() {
        stopped = true;
        cancelNext.run();
        List.copyOf(running.keySet()).forEach(this::cancel);
    }

    /**
     * Orders the addresses of a name: at random within a family, so that the connections of many clients spread, and
     * the families in turn, beginning with that of the first address (RFC 8305, section 4).
     *
     * @param family what the addresses of a family have in common, such as their length
     */
    public static <A> List<A> interleaved(Collection<A> addresses, ToIntFunction<A> family, Random random) {
        Map<Integer, List<A>> families = new LinkedHashMap<>();
        for (A address : addresses) {
            families.computeIfAbsent(family.applyAsInt(address), first -> new ArrayList<>())
                    .add(address);
        }
        families.values().forEach(all -> Collections.shuffle(all, random));
        List<A> order = new ArrayList<>();
        for (int i = 0; order.size() < addresses.size(); i++) {
            for (List<A> all : families.values()) {
                if (i < all.size()) {
                    order.add(all.get(i));
                }
            }
        }
        return order;
    }

    private static void nothing() {}
}

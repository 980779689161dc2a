package dev.holdfast.internal.state;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The synchronous methods of a channel: one is in flight, the others wait their turn. What sets a channel up goes
 * before what its users ask for, and only after {@link #ready()} do theirs go at all.
 *
 * @param <C> a call: a request with whatever its reply is to complete
 */
public final class RpcQueue<C> {
    private final ArrayDeque<C> setup = new ArrayDeque<>();
    private final ArrayDeque<C> waiting = new ArrayDeque<>();
    private @Nullable C inFlight;
    private boolean ready;

    /** A call of the channel's own, made while it is set up. */
    public void addSetup(C call) {
        setup.add(call);
    }

    /** A call of a user. */
    public void add(C call) {
        waiting.add(call);
    }

    /** The channel is set up. */
    public void ready() {
        ready = true;
    }

    /** The call to send now; null where one is in flight or none may go. */
    public @Nullable C next() {
        if (inFlight != null) {
            return null;
        }
        inFlight = setup.poll();
        if (inFlight == null && ready) {
            inFlight = waiting.poll();
        }
        return inFlight;
    }

    /** The call whose reply is awaited. */
    public @Nullable C inFlight() {
        return inFlight;
    }

    /** The reply came: the next may go. */
    public void replied() {
        inFlight = null;
    }

    /** A call that has not been sent is given up. False: it was sent, or is not here. */
    public boolean withdraw(C call) {
        return waiting.remove(call) || setup.remove(call);
    }

    /** The channel is gone, another may come: returns the calls that were sent or belonged to its set-up. */
    public List<C> lost() {
        ready = false;
        List<C> lost = new ArrayList<>(setup);
        setup.clear();
        if (inFlight != null) {
            lost.add(0, inFlight);
            inFlight = null;
        }
        return lost;
    }

    /** The channel is gone for good: returns every call. */
    public List<C> drain() {
        List<C> all = lost();
        all.addAll(waiting);
        waiting.clear();
        return all;
    }
}

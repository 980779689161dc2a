package dev.holdfast.internal.state;

import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ExchangeMethods;
import dev.holdfast.internal.protocol.Method;

/** Tells which method is the reply to which: the next method id of the class, with two exceptions in the protocol. */
public final class Replies {
    private Replies() {}

    /** Whether {@code reply} answers {@code request}. */
    public static boolean answers(Method request, Method reply) {
        if (request instanceof ExchangeMethods.Unbind) {
            return reply instanceof ExchangeMethods.UnbindOk;
        }
        if (request instanceof BasicMethods.Get && reply instanceof BasicMethods.GetEmpty) {
            return true;
        }
        return reply.id() == request.id() + 1;
    }
}

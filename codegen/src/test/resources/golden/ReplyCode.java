// Generated from protocol-spec/amqp0-9-1.xml. Do not edit.
package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The reply codes of AMQP 0-9-1: the reason for which a broker or this client closes a channel
 * or a connection, or a broker returns a message. Brokers also send codes of their own, so
 * exceptions carry the number.
 */
public enum ReplyCode {
    /**
     * 200: Success; the code of an orderly close.
     */
    REPLY_SUCCESS(200, Scope.NONE),

    /**
     * 311: The content exceeds a limit of the broker or of the queue at this time; a later attempt may succeed.
     */
    CONTENT_TOO_LARGE(311, Scope.CHANNEL),

    /**
     * 312: A mandatory message was routed to no queue; the code is sent in basic.return and the channel stays
     * open.
     */
    NO_ROUTE(312, Scope.CHANNEL),

    /**
     * 313: No consumer was ready for an immediate message.
     */
    NO_CONSUMERS(313, Scope.CHANNEL),

    /**
     * 320: An operator, or the broker's own shutdown, closed the connection; the client may reconnect later.
     */
    CONNECTION_FORCED(320, Scope.CONNECTION),

    /**
     * 402: The virtual host does not exist; RabbitMQ replies 530 in this case.
     */
    INVALID_PATH(402, Scope.CONNECTION),

    /**
     * 403: The broker denied access: the login failed, a permission is missing, or the name is reserved.
     */
    ACCESS_REFUSED(403, Scope.CHANNEL),

    /**
     * 404: The named exchange or queue does not exist, or its node is down.
     */
    NOT_FOUND(404, Scope.CHANNEL),

    /**
     * 405: The queue is exclusive to another connection, which may still be closing.
     */
    RESOURCE_LOCKED(405, Scope.CHANNEL),

    /**
     * 406: The request contradicts the existing state: different arguments in a declare, an unknown delivery tag,
     * a delete of an entity in use, or a message above the broker's size limit.
     */
    PRECONDITION_FAILED(406, Scope.CHANNEL),

    /**
     * 501: A frame cannot be decoded: a wrong end octet, a size above the limit, or malformed arguments.
     */
    FRAME_ERROR(501, Scope.CONNECTION),

    /**
     * 502: A field of a frame holds a value that the protocol does not allow.
     */
    SYNTAX_ERROR(502, Scope.CONNECTION),

    /**
     * 503: The peer sent a method that does not exist or is out of sequence.
     */
    COMMAND_INVALID(503, Scope.CONNECTION),

    /**
     * 504: The channel is not open, is already open, or has a number above the negotiated maximum.
     */
    CHANNEL_ERROR(504, Scope.CONNECTION),

    /**
     * 505: A frame arrived out of order, for example a body without its header, or a method in the middle of a
     * content.
     */
    UNEXPECTED_FRAME(505, Scope.CONNECTION),

    /**
     * 506: The broker ran out of a resource: memory, disk, or handles.
     */
    RESOURCE_ERROR(506, Scope.CONNECTION),

    /**
     * 530: The broker's policy forbids the request; RabbitMQ also uses this code for an unknown virtual host.
     */
    NOT_ALLOWED(530, Scope.CONNECTION),

    /**
     * 540: The broker recognises the method or flag but does not implement it, for example immediate on RabbitMQ.
     */
    NOT_IMPLEMENTED(540, Scope.CONNECTION),

    /**
     * 541: The broker failed because of an internal error; its log has the details.
     */
    INTERNAL_ERROR(541, Scope.CONNECTION);

    private final int code;

    private final Scope scope;

    ReplyCode(int code, Scope scope) {
        this.code = code;
        this.scope = scope;
    }

    /**
     * Returns the code with a number, or null if the protocol does not define it.
     */
    public static @Nullable ReplyCode of(int code) {
        return switch (code) {
            case 200 -> REPLY_SUCCESS;
            case 311 -> CONTENT_TOO_LARGE;
            case 312 -> NO_ROUTE;
            case 313 -> NO_CONSUMERS;
            case 320 -> CONNECTION_FORCED;
            case 402 -> INVALID_PATH;
            case 403 -> ACCESS_REFUSED;
            case 404 -> NOT_FOUND;
            case 405 -> RESOURCE_LOCKED;
            case 406 -> PRECONDITION_FAILED;
            case 501 -> FRAME_ERROR;
            case 502 -> SYNTAX_ERROR;
            case 503 -> COMMAND_INVALID;
            case 504 -> CHANNEL_ERROR;
            case 505 -> UNEXPECTED_FRAME;
            case 506 -> RESOURCE_ERROR;
            case 530 -> NOT_ALLOWED;
            case 540 -> NOT_IMPLEMENTED;
            case 541 -> INTERNAL_ERROR;
            default -> null;
        };
    }

    /**
     * Number of the code on the wire.
     */
    public int code() {
        return code;
    }

    /**
     * Scope that the protocol assigns to this code. The type of the exception tells what the broker actually
     * closed.
     */
    public Scope scope() {
        return scope;
    }

    /**
     * What an error with this code closes.
     */
    public enum Scope {
        /**
         * Nothing: the code is not an error.
         */
        NONE,

        /**
         * The channel on which the error occurred.
         */
        CHANNEL,

        /**
         * The connection and all its channels.
         */
        CONNECTION
    }
}

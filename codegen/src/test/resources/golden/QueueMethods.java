// Generated from protocol-spec/amqp0-9-1.xml. Do not edit.
package dev.holdfast.internal.protocol;

import dev.holdfast.internal.wire.WireReader;
import dev.holdfast.internal.wire.WireWriter;
import java.util.Map;

/**
 * Class queue: declare, bind, purge and delete queues. A queue stores messages until they are consumed.
 */
public final class QueueMethods {
    private QueueMethods() {
    }

    /**
     * Declare a queue. Creates the queue, or checks that the existing one is equal; a difference closes the
     * channel with 406.
     *
     * @param queue Name of the queue; if empty, the broker generates one and returns it in declare-ok.
     * @param passive Only checks that the queue exists; if it does not, the channel closes with 404.
     * @param durable The queue survives a restart of the broker; its messages do so if they are persistent.
     * @param exclusive Only this connection can use the queue, which is deleted with the connection.
     * @param autoDelete The broker deletes the queue when its last consumer ends; a queue that never had a
     *     consumer stays.
     * @param noWait The broker sends no declare-ok; an error still closes the channel.
     * @param arguments Further options of the broker, such as "x-queue-type" or "x-message-ttl".
     */
    public record Declare(String queue, boolean passive, boolean durable, boolean exclusive,
            boolean autoDelete, boolean noWait, Map<String, Object> arguments) implements Method {
        /**
         * Class 50, method 10.
         */
        public static final int ID = 50 << 16 | 10;

        /**
         * Reads the arguments. Discards reserved ones.
         */
        public static Declare decode(WireReader in) {
            in.readShort(); // reserved-1
            String queue = in.readShortString();
            int bits = in.readBits();
            boolean passive = (bits & 0x01) != 0;
            boolean durable = (bits & 0x02) != 0;
            boolean exclusive = (bits & 0x04) != 0;
            boolean autoDelete = (bits & 0x08) != 0;
            boolean noWait = (bits & 0x10) != 0;
            Map<String, Object> arguments = in.readTable();
            return new Declare(queue, passive, durable, exclusive, autoDelete, noWait, arguments);
        }

        @Override
        public int classId() {
            return 50;
        }

        @Override
        public int methodId() {
            return 10;
        }

        @Override
        public String methodName() {
            return "queue.declare";
        }

        @Override
        public boolean hasContent() {
            return false;
        }

        @Override
        public boolean synchronous() {
            return true;
        }

        @Override
        public void encode(WireWriter out) {
            out.writeShort(0); // reserved-1
            out.writeShortString(queue);
            out.writeBits((passive ? 0x01 : 0)
                    | (durable ? 0x02 : 0)
                    | (exclusive ? 0x04 : 0)
                    | (autoDelete ? 0x08 : 0)
                    | (noWait ? 0x10 : 0));
            out.writeTable(arguments);
        }
    }

    /**
     * The queue exists. Reply to queue.declare, with the numbers of messages and consumers.
     *
     * @param queue Name of the queue; the generated name if the request had none.
     * @param messageCount Messages ready for delivery; messages delivered and not yet acknowledged are not
     *     counted.
     * @param consumerCount Current number of consumers of the queue.
     */
    public record DeclareOk(String queue, long messageCount, long consumerCount) implements Method {
        /**
         * Class 50, method 11.
         */
        public static final int ID = 50 << 16 | 11;

        /**
         * Reads the arguments.
         */
        public static DeclareOk decode(WireReader in) {
            String queue = in.readShortString();
            long messageCount = in.readLong();
            long consumerCount = in.readLong();
            return new DeclareOk(queue, messageCount, consumerCount);
        }

        @Override
        public int classId() {
            return 50;
        }

        @Override
        public int methodId() {
            return 11;
        }

        @Override
        public String methodName() {
            return "queue.declare-ok";
        }

        @Override
        public boolean hasContent() {
            return false;
        }

        @Override
        public boolean synchronous() {
            return true;
        }

        @Override
        public void encode(WireWriter out) {
            out.writeShortString(queue);
            out.writeLong(messageCount);
            out.writeLong(consumerCount);
        }
    }

    /**
     * Bind a queue to an exchange. From now on the exchange routes matching messages to the queue. A repeated bind
     * changes nothing.
     *
     * @param queue The queue that receives the messages; empty means the queue last declared on this channel.
     * @param exchange The exchange that routes the messages; the default exchange cannot be bound.
     * @param routingKey Key or pattern that selects the messages, as the type of the exchange interprets it.
     * @param noWait The broker sends no bind-ok.
     * @param arguments Further conditions, for example those of a headers exchange; part of the binding's
     *     identity.
     */
    public record Bind(String queue, String exchange, String routingKey, boolean noWait,
            Map<String, Object> arguments) implements Method {
        /**
         * Class 50, method 20.
         */
        public static final int ID = 50 << 16 | 20;

        /**
         * Reads the arguments. Discards reserved ones.
         */
        public static Bind decode(WireReader in) {
            in.readShort(); // reserved-1
            String queue = in.readShortString();
            String exchange = in.readShortString();
            String routingKey = in.readShortString();
            int bits = in.readBits();
            boolean noWait = (bits & 0x01) != 0;
            Map<String, Object> arguments = in.readTable();
            return new Bind(queue, exchange, routingKey, noWait, arguments);
        }

        @Override
        public int classId() {
            return 50;
        }

        @Override
        public int methodId() {
            return 20;
        }

        @Override
        public String methodName() {
            return "queue.bind";
        }

        @Override
        public boolean hasContent() {
            return false;
        }

        @Override
        public boolean synchronous() {
            return true;
        }

        @Override
        public void encode(WireWriter out) {
            out.writeShort(0); // reserved-1
            out.writeShortString(queue);
            out.writeShortString(exchange);
            out.writeShortString(routingKey);
            out.writeBits((noWait ? 0x01 : 0));
            out.writeTable(arguments);
        }
    }

    /**
     * The queue is bound. Reply to queue.bind.
     */
    public enum BindOk implements Method {
        INSTANCE;

        /**
         * Class 50, method 21.
         */
        public static final int ID = 50 << 16 | 21;

        /**
         * Reads the arguments.
         */
        public static BindOk decode(WireReader in) {
            return INSTANCE;
        }

        @Override
        public int classId() {
            return 50;
        }

        @Override
        public int methodId() {
            return 21;
        }

        @Override
        public String methodName() {
            return "queue.bind-ok";
        }

        @Override
        public boolean hasContent() {
            return false;
        }

        @Override
        public boolean synchronous() {
            return true;
        }

        @Override
        public void encode(WireWriter out) {
        }
    }

    /**
     * Remove a binding of a queue. Removes the binding that has exactly this key and these arguments; it always
     * has a reply.
     *
     * @param queue The queue that receives the messages.
     * @param exchange The exchange that routes the messages.
     * @param routingKey Key of the binding.
     * @param arguments Arguments of the binding.
     */
    public record Unbind(String queue, String exchange, String routingKey,
            Map<String, Object> arguments) implements Method {
        /**
         * Class 50, method 50.
         */
        public static final int ID = 50 << 16 | 50;

        /**
         * Reads the arguments. Discards reserved ones.
         */
        public static Unbind decode(WireReader in) {
            in.readShort(); // reserved-1
            String queue = in.readShortString();
            String exchange = in.readShortString();
            String routingKey = in.readShortString();
            Map<String, Object> arguments = in.readTable();
            return new Unbind(queue, exchange, routingKey, arguments);
        }

        @Override
        public int classId() {
            return 50;
        }

        @Override
        public int methodId() {
            return 50;
        }

        @Override
        public String methodName() {
            return "queue.unbind";
        }

        @Override
        public boolean hasContent() {
            return false;
        }

        @Override
        public boolean synchronous() {
            return true;
        }

        @Override
        public void encode(WireWriter out) {
            out.writeShort(0); // reserved-1
            out.writeShortString(queue);
            out.writeShortString(exchange);
            out.writeShortString(routingKey);
            out.writeTable(arguments);
        }
    }

    /**
     * The binding of the queue is removed. Reply to queue.unbind.
     */
    public enum UnbindOk implements Method {
        INSTANCE;

        /**
         * Class 50, method 51.
         */
        public static final int ID = 50 << 16 | 51;

        /**
         * Reads the arguments.
         */
        public static UnbindOk decode(WireReader in) {
            return INSTANCE;
        }

        @Override
        public int classId() {
            return 50;
        }

        @Override
        public int methodId() {
            return 51;
        }

        @Override
        public String methodName() {
            return "queue.unbind-ok";
        }

        @Override
        public boolean hasContent() {
            return false;
        }

        @Override
        public boolean synchronous() {
            return true;
        }

        @Override
        public void encode(WireWriter out) {
        }
    }

    /**
     * Purge a queue. Drops the messages that are ready for delivery; messages delivered and not yet acknowledged
     * stay.
     *
     * @param queue Name of the queue; empty means the queue last declared on this channel.
     * @param noWait The broker sends no purge-ok.
     */
    public record Purge(String queue, boolean noWait) implements Method {
        /**
         * Class 50, method 30.
         */
        public static final int ID = 50 << 16 | 30;

        /**
         * Reads the arguments. Discards reserved ones.
         */
        public static Purge decode(WireReader in) {
            in.readShort(); // reserved-1
            String queue = in.readShortString();
            int bits = in.readBits();
            boolean noWait = (bits & 0x01) != 0;
            return new Purge(queue, noWait);
        }

        @Override
        public int classId() {
            return 50;
        }

        @Override
        public int methodId() {
            return 30;
        }

        @Override
        public String methodName() {
            return "queue.purge";
        }

        @Override
        public boolean hasContent() {
            return false;
        }

        @Override
        public boolean synchronous() {
            return true;
        }

        @Override
        public void encode(WireWriter out) {
            out.writeShort(0); // reserved-1
            out.writeShortString(queue);
            out.writeBits((noWait ? 0x01 : 0));
        }
    }

    /**
     * The queue is purged. Reply to queue.purge.
     *
     * @param messageCount Number of messages dropped.
     */
    public record PurgeOk(long messageCount) implements Method {
        /**
         * Class 50, method 31.
         */
        public static final int ID = 50 << 16 | 31;

        /**
         * Reads the arguments.
         */
        public static PurgeOk decode(WireReader in) {
            long messageCount = in.readLong();
            return new PurgeOk(messageCount);
        }

        @Override
        public int classId() {
            return 50;
        }

        @Override
        public int methodId() {
            return 31;
        }

        @Override
        public String methodName() {
            return "queue.purge-ok";
        }

        @Override
        public boolean hasContent() {
            return false;
        }

        @Override
        public boolean synchronous() {
            return true;
        }

        @Override
        public void encode(WireWriter out) {
            out.writeLong(messageCount);
        }
    }

    /**
     * Delete a queue. Deletes the queue with its bindings and messages, and cancels its consumers; RabbitMQ
     * reports success if the queue does not exist.
     *
     * @param queue Name of the queue; empty means the queue last declared on this channel.
     * @param ifUnused Deletes only if the queue has no consumers; otherwise the channel closes with 406.
     * @param ifEmpty Deletes only if the queue holds no messages; otherwise the channel closes with 406.
     * @param noWait The broker sends no delete-ok.
     */
    public record Delete(String queue, boolean ifUnused, boolean ifEmpty,
            boolean noWait) implements Method {
        /**
         * Class 50, method 40.
         */
        public static final int ID = 50 << 16 | 40;

        /**
         * Reads the arguments. Discards reserved ones.
         */
        public static Delete decode(WireReader in) {
            in.readShort(); // reserved-1
            String queue = in.readShortString();
            int bits = in.readBits();
            boolean ifUnused = (bits & 0x01) != 0;
            boolean ifEmpty = (bits & 0x02) != 0;
            boolean noWait = (bits & 0x04) != 0;
            return new Delete(queue, ifUnused, ifEmpty, noWait);
        }

        @Override
        public int classId() {
            return 50;
        }

        @Override
        public int methodId() {
            return 40;
        }

        @Override
        public String methodName() {
            return "queue.delete";
        }

        @Override
        public boolean hasContent() {
            return false;
        }

        @Override
        public boolean synchronous() {
            return true;
        }

        @Override
        public void encode(WireWriter out) {
            out.writeShort(0); // reserved-1
            out.writeShortString(queue);
            out.writeBits((ifUnused ? 0x01 : 0)
                    | (ifEmpty ? 0x02 : 0)
                    | (noWait ? 0x04 : 0));
        }
    }

    /**
     * The queue is deleted. Reply to queue.delete.
     *
     * @param messageCount Number of messages deleted with the queue.
     */
    public record DeleteOk(long messageCount) implements Method {
        /**
         * Class 50, method 41.
         */
        public static final int ID = 50 << 16 | 41;

        /**
         * Reads the arguments.
         */
        public static DeleteOk decode(WireReader in) {
            long messageCount = in.readLong();
            return new DeleteOk(messageCount);
        }

        @Override
        public int classId() {
            return 50;
        }

        @Override
        public int methodId() {
            return 41;
        }

        @Override
        public String methodName() {
            return "queue.delete-ok";
        }

        @Override
        public boolean hasContent() {
            return false;
        }

        @Override
        public boolean synchronous() {
            return true;
        }

        @Override
        public void encode(WireWriter out) {
            out.writeLong(messageCount);
        }
    }
}

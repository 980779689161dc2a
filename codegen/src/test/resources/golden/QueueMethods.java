// Generated from protocol-spec/amqp0-9-1.xml. Do not edit.
package dev.holdfast.internal.protocol;

import dev.holdfast.internal.wire.WireReader;
import dev.holdfast.internal.wire.WireWriter;
import java.util.Map;

/**
 * Class queue: work with queues. Queues keep messages until a consumer has taken them.
 */
public final class QueueMethods {
    private QueueMethods() {
    }

    /**
     * Make sure that a queue exists. Creates the queue, or checks that the one there is equal; a difference closes
     * the channel with 406.
     *
     * @param queue Name of the queue; if empty the broker makes one up and tells it in declare-ok.
     * @param passive Only ask whether it exists; if not, the channel closes with 404.
     * @param durable It outlives a restart of the broker; its messages do so if they are persistent.
     * @param exclusive Only this connection may use it, and it goes with the connection.
     * @param autoDelete The broker deletes it when its last consumer goes; a queue that never had one stays.
     * @param noWait The broker sends no declare-ok; an error still closes the channel.
     * @param arguments The broker's further options, such as "x-queue-type" or "x-message-ttl".
     */
    public record Declare(String queue, boolean passive, boolean durable, boolean exclusive,
            boolean autoDelete, boolean noWait, Map<String, Object> arguments) implements Method {
        /**
         * Class 50, method 10.
         */
        public static final int ID = 50 << 16 | 10;

        /**
         * Reads the arguments and drops reserved ones.
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
     * The queue exists. Confirms queue.declare and tells what stands in the queue.
     *
     * @param queue Name of the queue, the broker's own if none was asked for.
     * @param messageCount Messages that wait for delivery, without those delivered and not yet acknowledged.
     * @param consumerCount Consumers of the queue at this moment.
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
     * Bind a queue to an exchange. From here on the exchange passes fitting messages to the queue; binding twice
     * changes nothing.
     *
     * @param queue The queue that receives; empty is the one last declared on this channel.
     * @param exchange The exchange whose messages it receives; the default exchange cannot be bound.
     * @param routingKey Which messages: a key or pattern, as the type of the exchange reads it.
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
         * Reads the arguments and drops reserved ones.
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
     * The queue is bound. Confirms queue.bind.
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
     * has an answer.
     *
     * @param queue The queue that receives.
     * @param exchange The exchange whose messages it received.
     * @param routingKey The key of the binding.
     * @param arguments The arguments of the binding.
     */
    public record Unbind(String queue, String exchange, String routingKey,
            Map<String, Object> arguments) implements Method {
        /**
         * Class 50, method 50.
         */
        public static final int ID = 50 << 16 | 50;

        /**
         * Reads the arguments and drops reserved ones.
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
     * The binding of the queue is gone. Confirms queue.unbind.
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
     * Empty a queue. Drops the messages that wait in the queue; those delivered and not yet acknowledged stay.
     *
     * @param queue Name of the queue; empty is the one last declared on this channel.
     * @param noWait The broker sends no purge-ok.
     */
    public record Purge(String queue, boolean noWait) implements Method {
        /**
         * Class 50, method 30.
         */
        public static final int ID = 50 << 16 | 30;

        /**
         * Reads the arguments and drops reserved ones.
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
     * The queue is empty. Confirms queue.purge.
     *
     * @param messageCount Messages that were dropped.
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
     * Delete a queue. Deletes the queue with its bindings and messages and cancels its consumers; RabbitMQ is
     * content if there is none.
     *
     * @param queue Name of the queue; empty is the one last declared on this channel.
     * @param ifUnused Only if it has no consumers; else the channel closes with 406.
     * @param ifEmpty Only if it holds no messages; else the channel closes with 406.
     * @param noWait The broker sends no delete-ok.
     */
    public record Delete(String queue, boolean ifUnused, boolean ifEmpty,
            boolean noWait) implements Method {
        /**
         * Class 50, method 40.
         */
        public static final int ID = 50 << 16 | 40;

        /**
         * Reads the arguments and drops reserved ones.
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
     * The queue is gone. Confirms queue.delete.
     *
     * @param messageCount Messages that went with it.
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

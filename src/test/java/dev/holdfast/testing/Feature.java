package dev.holdfast.testing;

/**
 * A feature that one of the test brokers lacks. BrokerFeaturesIT tries every feature at every broker, so the lists of
 * {@link BrokerKind} are neither too long nor too short.
 */
public enum Feature {
    ANON_EXCHANGE_FOR_NAMESAKES("the default exchange for a queue that shares its name with an exchange"),
    CC("routing by the header CC"),
    CONSUMER_CANCEL_NOTIFY("basic.cancel to a consumer whose queue is deleted"),
    DEFAULT_DELIVERY_LIMIT("a delivery limit of 20 for quorum queues that set none"),
    DISCARD("basic.nack and basic.reject that discard"),
    EXCHANGE_BIND("bindings between exchanges"),
    EXCHANGE_REFUSED_SOFTLY("a refusal of an exchange of another type that leaves the connection open"),
    EXPIRATION("an expiration that is a time to live"),
    MESSAGE_SIZE_LIMIT("a limit of 16 MiB for messages"),
    NACK_COUNTS_AS_DELIVERY("basic.nack that counts towards the delivery limit of a quorum queue"),
    NACK_MULTIPLE("basic.nack of several messages at once"),
    QUEUE_ARGUMENTS("RabbitMQ's queue arguments, such as x-expires"),
    QUEUE_EQUIVALENCE("a refusal of a queue that is declared again with another durability"),
    SMALL_FRAMES("frames of at most 4,096 bytes (RabbitMQ 4: 8,192)"),
    UNKNOWN_ARGUMENTS_REFUSED("a refusal of unknown queue arguments, which closes the connection"),
    UNKNOWN_EXCHANGE_TYPE_REFUSED_SOFTLY("a refusal of an unknown exchange type that leaves the connection open");

    private final String description;

    Feature(String description) {
        this.description = description;
    }

    @Override
    public String toString() {
        return description;
    }
}

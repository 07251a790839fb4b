/// What a customer and an item had to do with each other, as a small code.
///
/// The first three codes mean the same in every dataset; further codes are the event types of an
/// interactions file, in the order of ``InteractionTable/eventTypeNames``.
public enum EventType {
  /// The item was held when the customer was first seen.
  public static let opening: UInt8 = 0
  /// The item was taken.
  public static let acquired: UInt8 = 1
  /// The item was given up.
  public static let dropped: UInt8 = 2

  /// The names of the codes with a fixed meaning.
  public static let fixedNames = ["opening", "acquired", "dropped"]
  /// The most event types a dataset can have, the fixed ones included.
  public static let limit = 64
  /// Event types that do not speak for an item, beside `dropped`.
  public static let negativeNames: Set<String> = ["dropped", "dismissed", "shown", "delete"]
}

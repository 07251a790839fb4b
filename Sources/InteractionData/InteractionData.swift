// InteractionData

// RecommenderModelsTests

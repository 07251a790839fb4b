// RecommenderServiceTests

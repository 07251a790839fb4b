// RecommenderService

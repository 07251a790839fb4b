// CRecommenderMessages
